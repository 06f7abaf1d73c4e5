// Embedded flash interface. RM0351 rev 9, section 3.7.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kFlashBase = 0x40022000;

struct FlashRegisters {
  volatile std::uint32_t ACR;      // 0x00
  volatile std::uint32_t PDKEYR;   // 0x04
  volatile std::uint32_t KEYR;     // 0x08
  volatile std::uint32_t OPTKEYR;  // 0x0C
  volatile std::uint32_t SR;       // 0x10
  volatile std::uint32_t CR;       // 0x14
  volatile std::uint32_t ECCR;     // 0x18
  std::uint32_t reserved_1c;       // 0x1C
  volatile std::uint32_t OPTR;     // 0x20
};
static_assert(offsetof(FlashRegisters, OPTR) == 0x20);

inline FlashRegisters& Flash() { return *reinterpret_cast<FlashRegisters*>(kFlashBase); }

namespace FLASH_ACR {
inline constexpr std::uint32_t LATENCY_Msk = 0x7U << 0;
inline constexpr std::uint32_t LATENCY_4WS = 0x4U << 0;
inline constexpr std::uint32_t PRFTEN = 1U << 8;
inline constexpr std::uint32_t ICEN = 1U << 9;
inline constexpr std::uint32_t DCEN = 1U << 10;
}  // namespace FLASH_ACR

}  // namespace stm32l4
