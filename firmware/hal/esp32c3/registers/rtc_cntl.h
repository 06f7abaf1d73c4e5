// Low-power management. ESP32-C3 TRM, chapter "Low-power Management (RTC_CNTL)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kRtcCntlBase = 0x60008000;

struct RtcCntlRegisters {
  volatile std::uint32_t OPTIONS0;          // 0x00
  volatile std::uint32_t SLP_TIMER0;        // 0x04
  volatile std::uint32_t SLP_TIMER1;        // 0x08
  volatile std::uint32_t TIME_UPDATE;       // 0x0C
  volatile std::uint32_t TIME_LOW0;         // 0x10
  volatile std::uint32_t TIME_HIGH0;        // 0x14
  volatile std::uint32_t STATE0;            // 0x18
  volatile std::uint32_t TIMER1;            // 0x1C
  std::uint32_t reserved_20[5];             // 0x20
  volatile std::uint32_t ANA_CONF;          // 0x34
  volatile std::uint32_t RESET_STATE;       // 0x38
  volatile std::uint32_t WAKEUP_STATE;      // 0x3C
  volatile std::uint32_t INT_ENA;           // 0x40
  volatile std::uint32_t INT_RAW;           // 0x44
  volatile std::uint32_t INT_ST;            // 0x48
  volatile std::uint32_t INT_CLR;           // 0x4C
  std::uint32_t reserved_50[14];            // 0x50
  volatile std::uint32_t DIG_PWC;           // 0x88
  volatile std::uint32_t DIG_ISO;           // 0x8C
  volatile std::uint32_t WDTCONFIG0;        // 0x90
  std::uint32_t reserved_94[5];             // 0x94
  volatile std::uint32_t WDTWPROTECT;       // 0xA8
  volatile std::uint32_t SWD_CONF;          // 0xAC
  volatile std::uint32_t SWD_WPROTECT;      // 0xB0
  std::uint32_t reserved_b4[17];            // 0xB4
  volatile std::uint32_t SLP_WAKEUP_CAUSE;  // 0xF8
};
static_assert(offsetof(RtcCntlRegisters, ANA_CONF) == 0x34);
static_assert(offsetof(RtcCntlRegisters, RESET_STATE) == 0x38);
static_assert(offsetof(RtcCntlRegisters, DIG_PWC) == 0x88);
static_assert(offsetof(RtcCntlRegisters, WDTWPROTECT) == 0xA8);
static_assert(offsetof(RtcCntlRegisters, SLP_WAKEUP_CAUSE) == 0xF8);

inline RtcCntlRegisters& RtcCntl() { return *reinterpret_cast<RtcCntlRegisters*>(kRtcCntlBase); }

/// SWD_WPROTECT's value that lets the super watchdog be set up.
inline constexpr std::uint32_t kSuperWatchdogKey = 0x8F1D312A;

namespace RTC_CNTL_OPTIONS0 {
inline constexpr std::uint32_t XTL_FORCE_PU = 1U << 13;
inline constexpr std::uint32_t SW_SYS_RST = 1U << 31;
}  // namespace RTC_CNTL_OPTIONS0

namespace RTC_CNTL_SLP_TIMER1 {
inline constexpr std::uint32_t MAIN_TIMER_ALARM_EN = 1U << 16;
}

namespace RTC_CNTL_TIME_UPDATE {
inline constexpr std::uint32_t TIME_UPDATE = 1U << 31;
}

namespace RTC_CNTL_STATE0 {
inline constexpr std::uint32_t SLEEP_EN = 1U << 31;
}

namespace RTC_CNTL_TIMER1 {
inline constexpr std::uint32_t XTL_BUF_WAIT_Pos = 14;  // slow clocks for the crystal to start
inline constexpr std::uint32_t XTL_BUF_WAIT_Msk = 0x3FFU << 14;
}  // namespace RTC_CNTL_TIMER1

namespace RTC_CNTL_ANA_CONF {
inline constexpr std::uint32_t TXRF_I2C_PU = 1U << 27;
inline constexpr std::uint32_t RFRX_PBUS_PU = 1U << 28;
inline constexpr std::uint32_t CKGEN_I2C_PU = 1U << 30;
inline constexpr std::uint32_t PLL_I2C_PU = 1U << 31;
}  // namespace RTC_CNTL_ANA_CONF

namespace RTC_CNTL_RESET_STATE {
inline constexpr std::uint32_t RESET_CAUSE_PROCPU_Msk = 0x3FU;
}

namespace RTC_CNTL_WAKEUP_STATE {
inline constexpr std::uint32_t WAKEUP_ENA_Pos = 15;
}

// Bits of WAKEUP_ENA and of SLP_WAKEUP_CAUSE.
namespace RTC_CNTL_WAKEUP {
inline constexpr std::uint32_t GPIO = 1U << 2;
inline constexpr std::uint32_t TIMER = 1U << 3;
}  // namespace RTC_CNTL_WAKEUP

// Bits of INT_ENA, INT_RAW, INT_ST, INT_CLR.
namespace RTC_CNTL_INT {
inline constexpr std::uint32_t SLP_WAKEUP = 1U << 0;
inline constexpr std::uint32_t SLP_REJECT = 1U << 1;
inline constexpr std::uint32_t MAIN_TIMER = 1U << 10;
}  // namespace RTC_CNTL_INT

namespace RTC_CNTL_DIG_PWC {
inline constexpr std::uint32_t LSLP_MEM_FORCE_PU = 1U << 4;  // SRAM keeps its supply
inline constexpr std::uint32_t DG_WRAP_FORCE_PU = 1U << 20;
inline constexpr std::uint32_t DG_WRAP_PD_EN = 1U << 31;  // deep sleep, not light
}  // namespace RTC_CNTL_DIG_PWC

namespace RTC_CNTL_DIG_ISO {
inline constexpr std::uint32_t DG_WRAP_FORCE_NOISO = 1U << 31;
}

namespace RTC_CNTL_SWD_CONF {
inline constexpr std::uint32_t SWD_AUTO_FEED_EN = 1U << 31;
}

}  // namespace esp32c3
