#include "hal/esp32c3/system_time.h"

#include "hal/common/spin.h"
#include "hal/esp32c3/csr.h"
#include "hal/esp32c3/interrupt.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/system.h"
#include "hal/esp32c3/registers/systimer.h"
#include "hal/time.h"

namespace esp32c3 {
namespace {

// Nothing needs the tick but timeouts and long waits, and each one wakes the core: 100 Hz.
constexpr std::uint32_t kTickHz = 100;
constexpr std::uint32_t kCountsPerUs = kSystimerHz / 1'000'000;

// The value crosses into the APB's clock within some cycles of it (TRM, "Read the System Timer").
constexpr std::uint32_t kReadSpins = 1000;

std::uint64_t start_count;
std::uint64_t missed_time_us;

ESP32C3_IRAM std::uint64_t Count() {
  const hal::InterruptLock lock;  // a handler that asks too would change the two halves
  auto& timer = Systimer();
  timer.UNIT0_OP = SYSTIMER_UNIT_OP::UPDATE;
  hal::SpinUntil([&] { return (timer.UNIT0_OP & SYSTIMER_UNIT_OP::VALUE_VALID) != 0; }, kReadSpins);
  const std::uint64_t high = timer.UNIT0_VALUE_HI;
  return (high << 32) | timer.UNIT0_VALUE_LO;
}

// TRM, "Configuring an alarm in period mode".
void StartTick() {
  auto& timer = Systimer();
  timer.TARGET0_CONF = kSystimerHz / kTickHz;  // of unit 0
  timer.COMP0_LOAD = 1;
  timer.TARGET0_CONF = kSystimerHz / kTickHz | SYSTIMER_TARGET_CONF::PERIOD_MODE;
  timer.CONF |= SYSTIMER_CONF::TARGET0_WORK_EN;
  timer.INT_ENA = SYSTIMER_INT::TARGET0;
  ConnectInterrupt(InterruptSource::kSystimerTarget0, CpuInterrupt::kTick);
}

}  // namespace

void StartTime() {
  System().PERIP_CLK_EN0 |= SYSTEM_PERIP0::SYSTIMER;
  Systimer().CONF |= SYSTIMER_CONF::UNIT0_WORK_EN;
  StartCycleCounter();
  start_count = Count();
  StartTick();
}

ESP32C3_IRAM std::uint64_t SystimerUs() { return (Count() - start_count) / kCountsPerUs; }

void AddMissedTime(std::uint64_t missed_us) { missed_time_us += missed_us; }

}  // namespace esp32c3

extern "C" __attribute__((interrupt)) ESP32C3_IRAM void TickInterrupt() {
  esp32c3::Systimer().INT_CLR =
      esp32c3::SYSTIMER_INT::TARGET0;  // its coming was all that it is for
}

namespace hal {

ESP32C3_IRAM std::uint64_t UptimeUs() { return esp32c3::SystimerUs() + esp32c3::missed_time_us; }

std::uint32_t CoreCycles() { return esp32c3::CycleCounter(); }

}  // namespace hal
