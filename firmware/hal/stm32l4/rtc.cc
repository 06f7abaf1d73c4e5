#include "hal/stm32l4/rtc.h"

#include <algorithm>

#include "hal/board.h"
#include "hal/common/spin.h"
#include "hal/console.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/exti.h"
#include "hal/stm32l4/registers/pwr.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/stm32l4/registers/rtc.h"
#include "hal/time.h"
#include "hal/watchdog.h"

namespace stm32l4 {
namespace {

constexpr std::uint32_t kLseHz = 32'768;
// Nominal. The LSI is within 31.04..32.96 kHz at 30 °C and 29.5..34 kHz over temperature and
// voltage (datasheet): up to 8 % off. It is not calibrated here: there is nothing better than the
// MSI (1 %) to calibrate it with, and its drift with temperature would undo that.
constexpr std::uint32_t kLsiHz = 32'000;

// Datasheet: 2 s typical for the LSE to start; 1.5 times that before the crystal counts as failed.
constexpr std::uint32_t kLseStartTimeoutMs = 3000;
constexpr std::uint32_t kLsiStartTimeoutMs = 20;  // datasheet: 130 µs

// A spin is some 10 cycles of 12.5 ns. Slowest waited for: WUTWF, 2 RTCCLK = 61 µs.
constexpr std::uint32_t kRtcSpins = 100'000;

// The calendar's sub-second counter runs at RTCCLK / 8: 0.25 ms a step. (The asynchronous
// prescaler's reset value, 128, saves some nA and steps by 4 ms: too coarse for "wakes on time".)
constexpr std::uint32_t kAsyncPrescaler = 8;

// The wake-up timer counts RTCCLK / 16, 16 bits: 0.49 ms a step, 32 s at most.
constexpr std::uint32_t kWakeupPrescaler = 16;
static_assert(kMaxWakeupUs * kLseHz / kWakeupPrescaler / 1'000'000 <= 0x10000);
static_assert(kMaxWakeupUs < hal::kWatchdogPeriodMs * 1000ULL, "the watchdog runs on in Stop 2");

std::uint32_t rtc_hz;  // 0 until the calendar runs
std::uint64_t oscillator_started_us;

// The RTC's registers take writes only after these two keys (RM0351, 38.3.8).
class WriteAccess {
 public:
  WriteAccess() {
    Rtc().WPR = 0xCA;
    Rtc().WPR = 0x53;
  }
  ~WriteAccess() { Rtc().WPR = 0xFF; }
};

bool LseReady() { return (Rcc().BDCR & RCC_BDCR::LSERDY) != 0; }

void SelectRtcClock(std::uint32_t rtcsel) {
  auto& rcc = Rcc();
  if ((rcc.BDCR & RCC_BDCR::RTCSEL_Msk) != rtcsel) {
    if ((rcc.BDCR & RCC_BDCR::RTCSEL_Msk) != 0) {
      // Once chosen, RTCSEL changes only through a reset of the backup domain, LSE included.
      const std::uint32_t lse = rcc.BDCR & (RCC_BDCR::LSEON | RCC_BDCR::LSEDRV_Msk);
      rcc.BDCR |= RCC_BDCR::BDRST;
      rcc.BDCR &= ~RCC_BDCR::BDRST;
      if (rtcsel == RCC_BDCR::RTCSEL_LSE) {
        rcc.BDCR |= lse;
        hal::SleepUntil(LseReady, kLseStartTimeoutMs);
      }
    }
    rcc.BDCR |= rtcsel;
  }
  rcc.BDCR |= RCC_BDCR::RTCEN;
}

void StartCalendar() {
  const WriteAccess access;
  auto& rtc = Rtc();
  rtc.ISR = rtc.ISR | RTC_ISR::INIT;
  hal::SpinUntil([&] { return (rtc.ISR & RTC_ISR::INITF) != 0; }, kRtcSpins);
  // Two writes, the synchronous part first (RM0351, 38.3.8).
  const std::uint32_t sync = (rtc_hz / kAsyncPrescaler - 1) << RTC_PRER::PREDIV_S_Pos;
  rtc.PRER = sync;
  rtc.PRER = sync | ((kAsyncPrescaler - 1) << RTC_PRER::PREDIV_A_Pos);
  // Read the counters, not their shadows: those are stale for two RTCCLK after a Stop.
  rtc.CR = RTC_CR::BYPSHAD;
  rtc.TR = 0;
  rtc.ISR = rtc.ISR & ~RTC_ISR::INIT;
}

std::uint32_t FromBcd(std::uint32_t bcd) { return (bcd >> 4) * 10 + (bcd & 15); }

}  // namespace

void StartRtcOscillator() {
  Pwr().CR1 |= PWR_CR1::DBP;  // opens the backup domain to writes,
  (void)Pwr().CR1;            // before the next one
  Rcc().BDCR |= RCC_BDCR::LSEON;
  oscillator_started_us = hal::UptimeUs();
}

bool EnsureRtc() {
  if (rtc_hz != 0) return true;
  const auto waited_ms =
      static_cast<std::uint32_t>((hal::UptimeUs() - oscillator_started_us) / 1000);
  const std::uint32_t left_ms = kLseStartTimeoutMs - std::min(waited_ms, kLseStartTimeoutMs);
  hal::SleepUntil([] { return LseReady() || hal::ConsoleHasInput(); }, left_ms);
  if (!LseReady() && hal::ConsoleHasInput()) return false;
  if (LseReady()) {
    rtc_hz = kLseHz;
    SelectRtcClock(RCC_BDCR::RTCSEL_LSE);
  } else {
    rtc_hz = kLsiHz;
    Rcc().BDCR &= ~RCC_BDCR::LSEON;
    Rcc().CSR |= RCC_CSR::LSION;
    hal::SleepUntil([] { return (Rcc().CSR & RCC_CSR::LSIRDY) != 0; }, kLsiStartTimeoutMs);
    SelectRtcClock(RCC_BDCR::RTCSEL_LSI);
  }
  StartCalendar();
  DisarmRtcWakeup();
  Exti().RTSR1 |= 1U << kExtiLineRtcWakeup;
  Exti().IMR1 |= 1U << kExtiLineRtcWakeup;
  EnableIrq(Irq::kRtcWakeup);
  return true;
}

const char* RtcClockName() {
  if (rtc_hz == 0) return "starting";
  return rtc_hz == kLseHz ? "lse" : "lsi";
}

std::uint64_t RtcTimeOfDayUs() {
  const auto& rtc = Rtc();
  std::uint32_t time;
  std::uint32_t subsecond;
  do {  // the two registers may step between the reads
    time = rtc.TR;
    subsecond = rtc.SSR;
  } while (time != rtc.TR || subsecond != rtc.SSR);
  const std::uint32_t hours = FromBcd((time >> 16) & 0x3F);
  const std::uint32_t minutes = FromBcd((time >> 8) & 0x7F);
  const std::uint32_t seconds = (hours * 60 + minutes) * 60 + FromBcd(time & 0x7F);
  const std::uint32_t steps_per_second = rtc_hz / kAsyncPrescaler;
  const std::uint32_t steps = steps_per_second - 1 - subsecond;  // SSR counts down
  return seconds * 1'000'000ULL + steps * 1'000'000ULL / steps_per_second;
}

void ArmRtcWakeup(std::uint64_t delay_us) {
  const WriteAccess access;
  auto& rtc = Rtc();
  rtc.CR &= ~RTC_CR::WUTE;
  hal::SpinUntil([&] { return (rtc.ISR & RTC_ISR::WUTWF) != 0; }, kRtcSpins);
  const std::uint64_t steps =
      std::min(delay_us, kMaxWakeupUs) * (rtc_hz / kWakeupPrescaler) / 1'000'000;
  rtc.WUTR = static_cast<std::uint32_t>(std::max<std::uint64_t>(steps, 1) - 1);
  rtc.ISR = rtc.ISR & ~(RTC_ISR::WUTF | RTC_ISR::INIT);
  Exti().PR1 = 1U << kExtiLineRtcWakeup;
  rtc.CR =
      (rtc.CR & ~RTC_CR::WUCKSEL_Msk) | RTC_CR::WUCKSEL_RTC_DIV16 | RTC_CR::WUTIE | RTC_CR::WUTE;
}

void DisarmRtcWakeup() {
  const WriteAccess access;
  auto& rtc = Rtc();
  rtc.CR &= ~(RTC_CR::WUTE | RTC_CR::WUTIE);
  rtc.ISR = rtc.ISR & ~(RTC_ISR::WUTF | RTC_ISR::INIT);
  Exti().PR1 = 1U << kExtiLineRtcWakeup;
}

}  // namespace stm32l4

extern "C" void RTC_WKUP_IRQHandler() {
  using namespace stm32l4;
  // WUTF first: while it is set, the EXTI line is high and its pending bit could come back.
  Rtc().ISR = Rtc().ISR & ~(RTC_ISR::WUTF | RTC_ISR::INIT);
  Exti().PR1 = 1U << kExtiLineRtcWakeup;
}
