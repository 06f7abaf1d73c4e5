#include "hal/esp32c3/rtc.h"

#include "hal/common/spin.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/rtc_cntl.h"
#include "hal/esp32c3/registers/timer_group.h"

namespace esp32c3 {
namespace {

// 128 cycles of about 7.4 µs: 0.9 ms, 37,600 cycles of the crystal; one more or less is 27 ppm.
constexpr std::uint32_t kMeasuredCycles = 128;
constexpr std::uint32_t kXtalCyclesPerUs = kXtalHz / 1'000'000;

// TRM, "System Clocks", RC_SLOW_CLK: the value to use if the measurement does not end.
constexpr std::uint32_t kNominalSlowHz = 136'000;
constexpr std::uint32_t kNominalXtalCycles = kXtalHz / kNominalSlowHz * kMeasuredCycles;

// Some ten times the time it takes: a turn is some 10 cycles of the core.
constexpr std::uint32_t kMeasureSpins = 200'000;

}  // namespace

SlowClock SlowClock::Measure() {
  auto& group = TimerGroup0();
  constexpr std::uint32_t kSetUp = TIMG_RTCCALICFG::RTC_CALI_CLK_SEL_RTC_SLOW |
                                   (kMeasuredCycles << TIMG_RTCCALICFG::RTC_CALI_MAX_Pos);
  group.RTCCALICFG = kSetUp;  // without START, which is set again below, and without START_CYCLING
  group.RTCCALICFG = kSetUp | TIMG_RTCCALICFG::RTC_CALI_START;
  const bool ready = hal::SpinUntil(
      [&] { return (group.RTCCALICFG & TIMG_RTCCALICFG::RTC_CALI_RDY) != 0; }, kMeasureSpins);
  const std::uint32_t value = group.RTCCALICFG1 >> TIMG_RTCCALICFG1::RTC_CALI_VALUE_Pos;
  group.RTCCALICFG = kSetUp;
  return SlowClock(ready && value != 0 ? value : kNominalXtalCycles);
}

// The longest time here, 2^32 ms, times 5120 stays within 64 bits.
std::uint64_t SlowClock::Cycles(std::uint64_t us) const {
  return us * kXtalCyclesPerUs * kMeasuredCycles / xtal_cycles_;
}

std::uint64_t SlowClock::Us(std::uint64_t cycles) const {
  return cycles * xtal_cycles_ / (kXtalCyclesPerUs * kMeasuredCycles);
}

ESP32C3_IRAM std::uint64_t RtcCount() {
  auto& rtc = RtcCntl();
  rtc.TIME_UPDATE = RTC_CNTL_TIME_UPDATE::TIME_UPDATE;
  const std::uint64_t high = rtc.TIME_HIGH0;
  return (high << 32) | rtc.TIME_LOW0;
}

void SetRtcAlarm(std::uint64_t count) {
  auto& rtc = RtcCntl();
  rtc.SLP_TIMER0 = static_cast<std::uint32_t>(count);
  rtc.INT_CLR = RTC_CNTL_INT::MAIN_TIMER;
  rtc.SLP_TIMER1 = (static_cast<std::uint32_t>(count >> 32) & 0xFFFFU) |
                   RTC_CNTL_SLP_TIMER1::MAIN_TIMER_ALARM_EN;
}

}  // namespace esp32c3
