#include <algorithm>

#include "hal/console.h"
#include "hal/retained.h"
#include "hal/sleep.h"
#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/console.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/exti.h"
#include "hal/stm32l4/registers/pwr.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/stm32l4/rtc.h"
#include "hal/stm32l4/system_time.h"
#include "hal/time.h"
#include "hal/watchdog.h"
#include "this_board.h"

namespace stm32l4 {
namespace {

constexpr std::uint32_t kConsoleLine = 1U << pins::kConsoleRxExtiLine;

volatile bool console_woke;

// USART2 has no clock in Stop 2; the edge of a start bit on its RX pin wakes the chip instead. An
// EXTI line sees its pin in alternate function mode too (RM0351, 8.3.9).
void ArmConsoleWakeup() {
  console_woke = false;
  Rcc().APB2ENR |= RCC_APB2ENR::SYSCFGEN;
  (void)Rcc().APB2ENR;
  constexpr std::uint32_t kPosition = 4 * (pins::kConsoleRxExtiLine % 4);
  auto& ports = ExtiPorts(pins::kConsoleRxExtiLine);
  ports = (ports & ~(0x7U << kPosition)) | (pins::kConsoleRxExtiPort << kPosition);
  Rcc().APB2ENR &= ~RCC_APB2ENR::SYSCFGEN;
  Exti().FTSR1 |= kConsoleLine;
  Exti().PR1 = kConsoleLine;
  Exti().IMR1 |= kConsoleLine;
  EnableIrq(ExtiIrq(pins::kConsoleRxExtiLine));
}

void DisarmConsoleWakeup() {
  Exti().IMR1 &= ~kConsoleLine;
  Exti().FTSR1 &= ~kConsoleLine;
  Exti().PR1 = kConsoleLine;
}

// From here to the return only the RTC's wake-up timer and the console's pin can end the wait.
void EnterStop2() {
  const hal::InterruptLock lock;  // handlers run when the clocks are back
  if (console_woke || hal::ConsoleHasInput()) return;

  const std::uint64_t before_us = RtcTimeOfDayUs();
  PauseTime();
  auto& pwr = Pwr();
  pwr.CR1 = (pwr.CR1 & ~PWR_CR1::LPMS_Msk) | PWR_CR1::LPMS_STOP2;
  pwr.SCR = PWR_SCR::CWUF_Msk;
  Scb().SCR |= SCB_SCR::SLEEPDEEP;
  WaitForInterrupt();
  Scb().SCR &= ~SCB_SCR::SLEEPDEEP;
  RestoreClocks();
  ResumeTime((RtcTimeOfDayUs() + kDayUs - before_us) % kDayUs);
}

}  // namespace
}  // namespace stm32l4

extern "C" void ConsoleEdge_IRQHandler() {
  using namespace stm32l4;
  Exti().PR1 = kConsoleLine;
  Exti().IMR1 &= ~kConsoleLine;  // one edge is enough; the byte has seven more
  console_woke = true;
}

namespace hal {

namespace {

constexpr SleepMode kStop2 = {"stop2", "keeps RAM; the host's next byte wakes it", false};

}  // namespace

std::size_t SleepModeCount() { return 1; }

const SleepMode& SleepModeAt(std::size_t) { return kStop2; }

// Stop 2 keeps all of RAM: no sleep ends in a reset, so nothing has to be retained.
void RetainBytes(const void*, std::size_t) {}
bool RecallBytes(void*, std::size_t) { return false; }

const char* SleepTimerClock() { return stm32l4::RtcClockName(); }

WakeReason DeepSleep(std::size_t, std::uint32_t duration_ms) {
  using namespace stm32l4;
  ConsoleFlush();
  // From here on: where the crystal has yet to start, its time is part of the sleep's.
  const std::uint64_t end_us = UptimeUs() + duration_ms * 1000ULL;
  if (!EnsureRtc()) {
    NoteConsoleActivity();
    return WakeReason::kInput;
  }
  // Half a step of the wake-up timer: its accuracy.
  constexpr std::uint64_t kAimUs = 250;

  ArmConsoleWakeup();
  while (!console_woke && !ConsoleHasInput()) {
    const std::uint64_t now_us = UptimeUs();
    if (now_us + kAimUs >= end_us) break;
    ArmRtcWakeup(end_us - now_us);
    EnterStop2();
    WatchdogRefresh();
  }
  DisarmConsoleWakeup();
  DisarmRtcWakeup();
  if (!console_woke && !ConsoleHasInput()) return WakeReason::kTimer;
  NoteConsoleActivity();
  return console_woke ? WakeReason::kConsole : WakeReason::kInput;
}

}  // namespace hal
