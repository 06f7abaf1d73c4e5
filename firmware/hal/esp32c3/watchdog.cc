#include "hal/watchdog.h"

#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/registers/rtc_cntl.h"
#include "hal/esp32c3/registers/system.h"
#include "hal/esp32c3/registers/timer_group.h"
#include "hal/esp32c3/watchdog.h"

namespace esp32c3 {
namespace {

// Timer group 0's watchdog counts milliseconds of the crystal, whatever the core's clock is. In
// light sleep the crystal stops, and the watchdog with it.
constexpr std::uint32_t kPrescaler = kXtalHz / 1000;
static_assert(kPrescaler < 1U << 16);
constexpr std::uint32_t kTimeoutMs = hal::kWatchdogPeriodMs + 1000;

/// Opens the registers of timer group 0's watchdog to writes for as long as it lives.
class WriteAccess {
 public:
  WriteAccess() { TimerGroup0().WDTWPROTECT = kWatchdogKey; }
  ~WriteAccess() { TimerGroup0().WDTWPROTECT = 0; }
};

}  // namespace

void StopRomWatchdogs() {
  auto& rtc = RtcCntl();
  rtc.WDTWPROTECT = kWatchdogKey;
  rtc.WDTCONFIG0 = 0;
  rtc.WDTWPROTECT = 0;
  // The super watchdog has no off switch that lasts; it feeds itself (TRM, "Super Watchdog").
  rtc.SWD_WPROTECT = kSuperWatchdogKey;
  rtc.SWD_CONF |= RTC_CNTL_SWD_CONF::SWD_AUTO_FEED_EN;
  rtc.SWD_WPROTECT = 0;

  const WriteAccess access;
  TimerGroup0().WDTCONFIG0 = 0;
}

}  // namespace esp32c3

namespace hal {

void WatchdogStart() {
  using namespace esp32c3;
  System().PERIP_CLK_EN0 |= SYSTEM_PERIP0::TIMERGROUP;
  const WriteAccess access;
  auto& group = TimerGroup0();
  group.WDTCONFIG1 = kPrescaler << TIMG_WDTCONFIG1::WDT_CLK_PRESCALE_Pos;
  group.WDTCONFIG2 = kTimeoutMs;
  group.WDTCONFIG0 = TIMG_WDTCONFIG0::WDT_EN | TIMG_WDTCONFIG0::WDT_STG0_RESET_SYSTEM |
                     TIMG_WDTCONFIG0::WDT_SYS_RESET_LENGTH_3200NS | TIMG_WDTCONFIG0::WDT_USE_XTAL |
                     TIMG_WDTCONFIG0::WDT_CONF_UPDATE_EN;
  group.WDTFEED = 1;
}

void WatchdogRefresh() {
  using namespace esp32c3;
  const WriteAccess access;
  TimerGroup0().WDTFEED = 1;  // any value
}

}  // namespace hal
