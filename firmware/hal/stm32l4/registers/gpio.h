// General-purpose I/Os. RM0351 rev 9, section 8.5.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kGpioaBase = 0x48000000;
inline constexpr std::uintptr_t kGpiobBase = 0x48000400;
inline constexpr std::uintptr_t kGpiocBase = 0x48000800;
inline constexpr std::uintptr_t kGpiodBase = 0x48000C00;
inline constexpr std::uintptr_t kGpiohBase = 0x48001C00;

struct GpioRegisters {
  volatile std::uint32_t MODER;    // 0x00
  volatile std::uint32_t OTYPER;   // 0x04
  volatile std::uint32_t OSPEEDR;  // 0x08
  volatile std::uint32_t PUPDR;    // 0x0C
  volatile std::uint32_t IDR;      // 0x10
  volatile std::uint32_t ODR;      // 0x14
  volatile std::uint32_t BSRR;     // 0x18
  volatile std::uint32_t LCKR;     // 0x1C
  volatile std::uint32_t AFRL;     // 0x20
  volatile std::uint32_t AFRH;     // 0x24
  volatile std::uint32_t BRR;      // 0x28
  volatile std::uint32_t ASCR;     // 0x2C
};
static_assert(offsetof(GpioRegisters, ASCR) == 0x2C);

}  // namespace stm32l4
