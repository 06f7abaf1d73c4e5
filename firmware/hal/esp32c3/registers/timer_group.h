// Timer group 0: its watchdog, and the meter of the RTC's slow clock. ESP32-C3 TRM, chapters
// "Timer Group (TIMG)" and "Watchdog Timers (WDT)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kTimerGroup0Base = 0x6001F000;

struct TimerGroupRegisters {
  std::uint32_t reserved_00[18];       // 0x00: the timer
  volatile std::uint32_t WDTCONFIG0;   // 0x48
  volatile std::uint32_t WDTCONFIG1;   // 0x4C
  volatile std::uint32_t WDTCONFIG2;   // 0x50: length of stage 0
  std::uint32_t reserved_54[3];        // 0x54
  volatile std::uint32_t WDTFEED;      // 0x60
  volatile std::uint32_t WDTWPROTECT;  // 0x64
  volatile std::uint32_t RTCCALICFG;   // 0x68
  volatile std::uint32_t RTCCALICFG1;  // 0x6C
};
static_assert(offsetof(TimerGroupRegisters, WDTFEED) == 0x60);
static_assert(offsetof(TimerGroupRegisters, RTCCALICFG1) == 0x6C);

inline TimerGroupRegisters& TimerGroup0() {
  return *reinterpret_cast<TimerGroupRegisters*>(kTimerGroup0Base);
}

/// WDTWPROTECT's value that lets the watchdog's registers be written.
inline constexpr std::uint32_t kWatchdogKey = 0x50D83AA1;

namespace TIMG_WDTCONFIG0 {
inline constexpr std::uint32_t WDT_USE_XTAL = 1U << 21;
inline constexpr std::uint32_t WDT_CONF_UPDATE_EN = 1U << 22;
inline constexpr std::uint32_t WDT_STG0_RESET_SYSTEM = 3U << 29;
inline constexpr std::uint32_t WDT_SYS_RESET_LENGTH_3200NS = 7U << 15;
inline constexpr std::uint32_t WDT_EN = 1U << 31;
}  // namespace TIMG_WDTCONFIG0

namespace TIMG_WDTCONFIG1 {
inline constexpr std::uint32_t WDT_CLK_PRESCALE_Pos = 16;
}

namespace TIMG_RTCCALICFG {
inline constexpr std::uint32_t RTC_CALI_CLK_SEL_RTC_SLOW = 0U << 13;
inline constexpr std::uint32_t RTC_CALI_RDY = 1U << 15;
inline constexpr std::uint32_t RTC_CALI_MAX_Pos = 16;
inline constexpr std::uint32_t RTC_CALI_START = 1U << 31;
}  // namespace TIMG_RTCCALICFG

namespace TIMG_RTCCALICFG1 {
inline constexpr std::uint32_t RTC_CALI_VALUE_Pos = 7;
}

}  // namespace esp32c3
