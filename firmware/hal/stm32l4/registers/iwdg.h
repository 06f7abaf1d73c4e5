// Independent watchdog. RM0351 rev 9, section 36.4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kIwdgBase = 0x40003000;

struct IwdgRegisters {
  volatile std::uint32_t KR;    // 0x00
  volatile std::uint32_t PR;    // 0x04
  volatile std::uint32_t RLR;   // 0x08
  volatile std::uint32_t SR;    // 0x0C
  volatile std::uint32_t WINR;  // 0x10
};
static_assert(offsetof(IwdgRegisters, WINR) == 0x10);

inline IwdgRegisters& Iwdg() { return *reinterpret_cast<IwdgRegisters*>(kIwdgBase); }

namespace IWDG_KR {
inline constexpr std::uint32_t START = 0xCCCC;
inline constexpr std::uint32_t ACCESS = 0x5555;
inline constexpr std::uint32_t REFRESH = 0xAAAA;
}  // namespace IWDG_KR

namespace IWDG_PR {
inline constexpr std::uint32_t DIV_256 = 6;
}

}  // namespace stm32l4
