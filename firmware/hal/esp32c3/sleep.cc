#include "hal/sleep.h"

#include <iterator>

#include "hal/board.h"
#include "hal/console.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/console.h"
#include "hal/esp32c3/csr.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/pins.h"
#include "hal/esp32c3/registers/rtc_cntl.h"
#include "hal/esp32c3/rtc.h"
#include "hal/esp32c3/system_time.h"
#include "hal/time.h"
#include "hal/watchdog.h"

namespace esp32c3 {
namespace {

// UART0 has no clock in light sleep; its RX pin, low at a start bit, wakes the chip instead. In
// light sleep a pin can wake it by its level only (TRM, "Wakeup Sources").
void ArmConsoleWakeup() { Gpio().PIN[20] = GPIO_PIN::INT_TYPE_LOW_LEVEL | GPIO_PIN::WAKEUP_ENABLE; }

void DisarmConsoleWakeup() { Gpio().PIN[20] = 0; }

// The store that starts the sleep, and what must happen right before and after. In SRAM1: the
// flash's clock stops and starts with the others.
ESP32C3_IRAM void Sleep() {
  constexpr std::uint32_t kEnded = RTC_CNTL_INT::SLP_WAKEUP | RTC_CNTL_INT::SLP_REJECT;
  auto& rtc = RtcCntl();
  LeavePll();
  rtc.INT_CLR = kEnded;
  rtc.STATE0 |= RTC_CNTL_STATE0::SLEEP_EN;
  while ((rtc.INT_RAW & kEnded) == 0) {
    // The core stalls somewhere in here.
  }
  rtc.INT_CLR = kEnded;
  StartCpuClock();
}

// The end is a reset, through the ROM.
[[noreturn]] void EnterDeepSleep(std::uint64_t duration_us) {
  DisableInterrupts();
  const SlowClock slow = SlowClock::Measure();
  auto& rtc = RtcCntl();
  rtc.OPTIONS0 &= ~RTC_CNTL_OPTIONS0::XTL_FORCE_PU;
  rtc.DIG_PWC = (rtc.DIG_PWC & ~RTC_CNTL_DIG_PWC::DG_WRAP_FORCE_PU) |
                RTC_CNTL_DIG_PWC::DG_WRAP_PD_EN;  // the digital part is switched off
  rtc.DIG_ISO &= ~RTC_CNTL_DIG_ISO::DG_WRAP_FORCE_NOISO;
  rtc.WAKEUP_STATE = RTC_CNTL_WAKEUP::TIMER << RTC_CNTL_WAKEUP_STATE::WAKEUP_ENA_Pos;
  SetRtcAlarm(RtcCount() + slow.Cycles(duration_us));
  Sleep();
  hal::Reset();  // the chip refused to sleep
}

// Returns whether the console ended it.
bool LightSleep(std::uint64_t duration_us) {
  const hal::InterruptLock lock;  // handlers run when the clocks are back
  if (hal::ConsoleHasInput()) return false;
  const SlowClock slow = SlowClock::Measure();

  auto& rtc = RtcCntl();
  rtc.OPTIONS0 &= ~RTC_CNTL_OPTIONS0::XTL_FORCE_PU;  // the crystal rests too
  rtc.DIG_PWC &= ~RTC_CNTL_DIG_PWC::DG_WRAP_PD_EN;   // the digital part keeps its state
  rtc.WAKEUP_STATE = (RTC_CNTL_WAKEUP::TIMER | RTC_CNTL_WAKEUP::GPIO)
                     << RTC_CNTL_WAKEUP_STATE::WAKEUP_ENA_Pos;
  const std::uint64_t systimer_before_us = SystimerUs();
  const std::uint64_t before = RtcCount();
  SetRtcAlarm(before + slow.Cycles(duration_us));
  Sleep();
  const std::uint64_t passed_us = slow.Us(RtcCount() - before);
  const std::uint64_t counted_us = SystimerUs() - systimer_before_us;
  if (passed_us > counted_us) AddMissedTime(passed_us - counted_us);
  return (rtc.SLP_WAKEUP_CAUSE & RTC_CNTL_WAKEUP::GPIO) != 0;
}

}  // namespace
}  // namespace esp32c3

namespace hal {

namespace {

constexpr SleepMode kModes[] = {
    {"light", "keeps RAM; the host's next byte wakes it", false},
    {"deep", "restarts, settings and counters kept; only time ends it", true},
};
constexpr std::size_t kDeep = 1;

}  // namespace

std::size_t SleepModeCount() { return std::size(kModes); }

const SleepMode& SleepModeAt(std::size_t number) { return kModes[number]; }

const char* SleepTimerClock() { return "rc-slow"; }

WakeReason DeepSleep(std::size_t mode_number, std::uint32_t duration_ms) {
  using namespace esp32c3;
  const std::uint64_t end_us = UptimeUs() + duration_ms * 1000ULL;
  // The measurement of the slow clock and the crystal's start take 2 ms: nearer is not worth it.
  constexpr std::uint64_t kAimUs = 2'000;

  ConsoleFlush();
  if (mode_number == kDeep) EnterDeepSleep(duration_ms * 1000ULL);
  ArmConsoleWakeup();
  bool console_woke = false;
  while (!console_woke && !ConsoleHasInput()) {
    const std::uint64_t now_us = UptimeUs();
    if (now_us + kAimUs >= end_us) break;
    console_woke = LightSleep(end_us - now_us);
    WatchdogRefresh();
  }
  DisarmConsoleWakeup();
  if (!console_woke && !ConsoleHasInput()) {
    SleepUntil([end_us] { return UptimeUs() >= end_us || ConsoleHasInput(); }, 2 * kAimUs / 1000);
    if (!ConsoleHasInput()) return WakeReason::kTimer;
  }
  NoteConsoleActivity();
  return console_woke ? WakeReason::kConsole : WakeReason::kInput;
}

}  // namespace hal
