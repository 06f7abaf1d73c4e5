#include "hal/board.h"

#include <algorithm>

#include "hal/arena.h"
#include "hal/common/stack_paint.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/console.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/reset.h"
#include "hal/esp32c3/system_time.h"
#include "hal/esp32c3/watchdog.h"
#include "hal/watchdog.h"
#include "this_board.h"

namespace hal {

void StartBoard() {
  using namespace esp32c3;
  StopRomWatchdogs();
  StartCpuClock();
  NoteResetCause();
  StartTime();
  WatchdogStart();
  pins::CameraPower::MakeOutput(false);
  StartConsole();
}

const char* BoardName() { return esp32c3::kBoardName; }

std::uint32_t SysclkHz() { return esp32c3::kCpuHz; }

std::uint8_t* ArenaStart() { return __arena_start; }

std::size_t ArenaSizeBytes() { return static_cast<std::size_t>(__arena_end - __arena_start); }

std::uint32_t StackSizeBytes() {
  return static_cast<std::uint32_t>(__stack_top - __stack_bottom) * sizeof(std::uint32_t);
}

std::uint32_t StackUsedBytes() {
  const auto* deepest = std::find_if(__stack_bottom, __stack_top,
                                     [](std::uint32_t word) { return word != kStackPaint; });
  return static_cast<std::uint32_t>(__stack_top - deepest) * sizeof(std::uint32_t);
}

}  // namespace hal
