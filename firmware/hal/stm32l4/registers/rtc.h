// Real-time clock. RM0351 rev 9, section 38.6.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kRtcBase = 0x40002800;

struct RtcRegisters {
  volatile std::uint32_t TR;        // 0x00
  volatile std::uint32_t DR;        // 0x04
  volatile std::uint32_t CR;        // 0x08
  volatile std::uint32_t ISR;       // 0x0C
  volatile std::uint32_t PRER;      // 0x10
  volatile std::uint32_t WUTR;      // 0x14
  std::uint32_t reserved_18;        // 0x18
  volatile std::uint32_t ALRMAR;    // 0x1C
  volatile std::uint32_t ALRMBR;    // 0x20
  volatile std::uint32_t WPR;       // 0x24
  volatile std::uint32_t SSR;       // 0x28
  volatile std::uint32_t SHIFTR;    // 0x2C
  volatile std::uint32_t TSTR;      // 0x30
  volatile std::uint32_t TSDR;      // 0x34
  volatile std::uint32_t TSSSR;     // 0x38
  volatile std::uint32_t CALR;      // 0x3C
  volatile std::uint32_t TAMPCR;    // 0x40
  volatile std::uint32_t ALRMASSR;  // 0x44
  volatile std::uint32_t ALRMBSSR;  // 0x48
  volatile std::uint32_t OR;        // 0x4C
};
static_assert(offsetof(RtcRegisters, OR) == 0x4C);

inline RtcRegisters& Rtc() { return *reinterpret_cast<RtcRegisters*>(kRtcBase); }

namespace RTC_CR {
inline constexpr std::uint32_t WUCKSEL_Msk = 0x7U << 0;
inline constexpr std::uint32_t WUCKSEL_RTC_DIV16 = 0x0U << 0;
inline constexpr std::uint32_t BYPSHAD = 1U << 5;
inline constexpr std::uint32_t WUTE = 1U << 10;
inline constexpr std::uint32_t WUTIE = 1U << 14;
}  // namespace RTC_CR

namespace RTC_ISR {
inline constexpr std::uint32_t WUTWF = 1U << 2;
inline constexpr std::uint32_t INITF = 1U << 6;
inline constexpr std::uint32_t INIT = 1U << 7;
inline constexpr std::uint32_t WUTF = 1U << 10;
}  // namespace RTC_ISR

namespace RTC_PRER {
inline constexpr std::uint32_t PREDIV_S_Pos = 0;
inline constexpr std::uint32_t PREDIV_A_Pos = 16;
}  // namespace RTC_PRER

}  // namespace stm32l4
