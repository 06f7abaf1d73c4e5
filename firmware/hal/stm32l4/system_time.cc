#include "hal/stm32l4/system_time.h"

#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/time.h"

namespace stm32l4 {
namespace {

// Nothing needs the tick but timeouts and long waits, and each one wakes the core: 100 Hz.
constexpr std::uint32_t kTickHz = 100;
constexpr std::uint32_t kTickCycles = kSysclkHz / kTickHz;
constexpr std::uint32_t kTickUs = 1'000'000 / kTickHz;
constexpr std::uint32_t kCyclesPerUs = kSysclkHz / 1'000'000;
static_assert(kTickCycles <= 1U << 24, "SysTick counts 24 bits");

volatile std::uint32_t ticks;        // SysTick wraps since the last pause
std::uint64_t before_last_pause_us;  // time up to that pause, and the pause itself

std::uint64_t RunningUs() {
  const hal::InterruptLock lock;
  std::uint32_t count = Systick().VAL;
  std::uint32_t whole_ticks = ticks;
  if ((Scb().ICSR & SCB_ICSR::PENDSTSET) != 0) {  // wrapped, its interrupt still to come
    count = Systick().VAL;
    ++whole_ticks;
  }
  const std::uint32_t cycles = kTickCycles - 1 - count;
  return std::uint64_t{whole_ticks} * kTickUs + cycles / kCyclesPerUs;
}

void StartSystick() {
  auto& systick = Systick();
  systick.LOAD = kTickCycles - 1;
  systick.VAL = 0;
  systick.CTRL = SYST_CTRL::CLKSOURCE_CORE | SYST_CTRL::TICKINT | SYST_CTRL::ENABLE;
}

}  // namespace

void StartTime() {
  Demcr() |= CORE_DEMCR::TRCENA;
  Dwt().CYCCNT = 0;
  Dwt().CTRL |= DWT_CTRL::CYCCNTENA;
  StartSystick();
}

void PauseTime() {
  const std::uint64_t running_us = RunningUs();
  Systick().CTRL = 0;
  Scb().ICSR = SCB_ICSR::PENDSTCLR;
  before_last_pause_us += running_us;
  ticks = 0;
}

void ResumeTime(std::uint64_t missed_us) {
  before_last_pause_us += missed_us;
  StartSystick();
}

}  // namespace stm32l4

extern "C" void SysTick_Handler() { stm32l4::ticks = stm32l4::ticks + 1; }

namespace hal {

std::uint64_t UptimeUs() { return stm32l4::before_last_pause_us + stm32l4::RunningUs(); }

std::uint32_t CoreCycles() { return stm32l4::Dwt().CYCCNT; }

}  // namespace hal
