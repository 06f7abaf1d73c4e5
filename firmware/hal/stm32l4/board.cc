#include "hal/board.h"

#include <algorithm>

#include "hal/arena.h"
#include "hal/common/stack_paint.h"
#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/console.h"
#include "hal/stm32l4/fault.h"
#include "hal/stm32l4/memory_map.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/stm32l4/reset.h"
#include "hal/stm32l4/rtc.h"
#include "hal/stm32l4/system_time.h"
#include "hal/watchdog.h"
#include "this_board.h"

namespace hal {

void StartBoard() {
  using namespace stm32l4;
  EnableFaults();
  StartClocks();
  NoteResetCause();
  StartTime();
  WatchdogStart();
  Rcc().AHB2ENR |= kPortClocks;
  (void)Rcc().AHB2ENR;
  pins::CameraPower::MakeOutput(false);
  StartConsole();
  StartRtcOscillator();
}

const char* BoardName() { return stm32l4::kBoardName; }

std::uint32_t SysclkHz() { return stm32l4::kSysclkHz; }

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
