#include "hal/sleep.h"

#include <iterator>

#include "hal/board.h"
#include "hal/console.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/console.h"
#include "hal/esp32c3/csr.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/rtc_cntl.h"
#include "hal/esp32c3/rtc.h"
#include "hal/esp32c3/system_time.h"
#include "hal/time.h"
#include "hal/watchdog.h"
#include "this_board.h"

namespace esp32c3 {
namespace {

// Time for the crystal to start, as in ESP-IDF (RTC_CNTL_XTL_BUF_WAIT_SLP_US).
constexpr std::uint64_t kXtalStartUs = 250;

// From the timer's alarm to code that runs: the crystal, the PLL (TIMER1.PLL_BUF_WAIT's reset
// value: 40 slow clocks, 300 µs), the regulators (105 µs in ESP-IDF's budget). The sleep is shorter
// by that, and what is left of it is waited for awake.
constexpr std::uint64_t kWakeUpUs = 700;

// A shorter sleep is not worth it: 0.9 ms pass with the measurement of the slow clock.
constexpr std::uint64_t kLeastSleepUs = 3'000;

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

// Common to both sleeps: the crystal stops, and may take kXtalStartUs to start again.
void PrepareSleep(const SlowClock& slow, std::uint32_t wakeup_sources) {
  auto& rtc = RtcCntl();
  rtc.OPTIONS0 &= ~RTC_CNTL_OPTIONS0::XTL_FORCE_PU;
  const auto wait = static_cast<std::uint32_t>(slow.Cycles(kXtalStartUs));
  rtc.TIMER1 = (rtc.TIMER1 & ~RTC_CNTL_TIMER1::XTL_BUF_WAIT_Msk) |
               (wait << RTC_CNTL_TIMER1::XTL_BUF_WAIT_Pos);
  rtc.WAKEUP_STATE = wakeup_sources << RTC_CNTL_WAKEUP_STATE::WAKEUP_ENA_Pos;
}

// The end is a reset, through the ROM.
[[noreturn]] void EnterDeepSleep(std::uint64_t duration_us) {
  DisableInterrupts();
  const SlowClock slow = SlowClock::Measure();
  PrepareSleep(slow, RTC_CNTL_WAKEUP::TIMER);
  auto& rtc = RtcCntl();
  rtc.ANA_CONF &= ~(RTC_CNTL_ANA_CONF::TXRF_I2C_PU | RTC_CNTL_ANA_CONF::RFRX_PBUS_PU |
                    RTC_CNTL_ANA_CONF::CKGEN_I2C_PU | RTC_CNTL_ANA_CONF::PLL_I2C_PU);
  rtc.DIG_PWC = (rtc.DIG_PWC & ~RTC_CNTL_DIG_PWC::DG_WRAP_FORCE_PU) |
                RTC_CNTL_DIG_PWC::DG_WRAP_PD_EN;  // the digital part is switched off
  rtc.DIG_ISO &= ~RTC_CNTL_DIG_ISO::DG_WRAP_FORCE_NOISO;
  SetRtcAlarm(RtcCount() + slow.Cycles(duration_us));
  Sleep();
  hal::Reset();  // the chip refused to sleep
}

// Returns whether the console ended it.
bool LightSleepUntil(std::uint64_t end_us) {
  const hal::InterruptLock lock;  // handlers run when the clocks are back
  if (hal::ConsoleHasInput()) return false;
  const SlowClock slow = SlowClock::Measure();
  PrepareSleep(slow, RTC_CNTL_WAKEUP::TIMER | RTC_CNTL_WAKEUP::GPIO);
  auto& rtc = RtcCntl();
  rtc.DIG_PWC = (rtc.DIG_PWC & ~RTC_CNTL_DIG_PWC::DG_WRAP_PD_EN) |
                RTC_CNTL_DIG_PWC::LSLP_MEM_FORCE_PU;  // the digital part keeps its state

  const std::uint64_t systimer_before_us = SystimerUs();
  const std::uint64_t before = RtcCount();
  SetRtcAlarm(before + slow.Cycles(end_us - hal::UptimeUs() - kWakeUpUs));
  // The measurement takes 0.9 ms, and the start bit of a byte that came meanwhile wakes nothing.
  if (ConsoleIsReceiving()) return false;
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
  ConsoleFlush();
  if (mode_number == kDeep) EnterDeepSleep(duration_ms * 1000ULL);
  // UART0 has no clock in light sleep; its RX pin, low at a start bit, wakes the chip instead. In
  // light sleep a pin can wake it by its level only (TRM, "Wakeup Sources").
  pins::ConsoleRx::WakeWhenLow(true);
  bool console_woke = false;
  while (!console_woke && !ConsoleHasInput() && UptimeUs() + kLeastSleepUs < end_us) {
    console_woke = LightSleepUntil(end_us);
    WatchdogRefresh();
  }
  pins::ConsoleRx::WakeWhenLow(false);
  if (!console_woke) {
    while (!ConsoleHasInput() && UptimeUs() < end_us) {
      // Less than kLeastSleepUs.
    }
    if (!ConsoleHasInput()) return WakeReason::kTimer;
  }
  NoteConsoleActivity();
  return console_woke ? WakeReason::kConsole : WakeReason::kInput;
}

}  // namespace hal
