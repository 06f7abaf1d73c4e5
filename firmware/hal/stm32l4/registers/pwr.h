// Power control. RM0351 rev 9, section 5.4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kPwrBase = 0x40007000;

struct PwrRegisters {
  volatile std::uint32_t CR1;  // 0x00
  volatile std::uint32_t CR2;  // 0x04
  volatile std::uint32_t CR3;  // 0x08
  volatile std::uint32_t CR4;  // 0x0C
  volatile std::uint32_t SR1;  // 0x10
  volatile std::uint32_t SR2;  // 0x14
  volatile std::uint32_t SCR;  // 0x18
};
static_assert(offsetof(PwrRegisters, SCR) == 0x18);

inline PwrRegisters& Pwr() { return *reinterpret_cast<PwrRegisters*>(kPwrBase); }

namespace PWR_CR1 {
inline constexpr std::uint32_t LPMS_Msk = 0x7U << 0;
inline constexpr std::uint32_t LPMS_STOP2 = 0x2U << 0;
inline constexpr std::uint32_t DBP = 1U << 8;
inline constexpr std::uint32_t VOS_Msk = 0x3U << 9;
inline constexpr std::uint32_t VOS_RANGE1 = 0x1U << 9;
}  // namespace PWR_CR1

namespace PWR_SR1 {
inline constexpr std::uint32_t SBF = 1U << 8;
}

namespace PWR_SR2 {
inline constexpr std::uint32_t VOSF = 1U << 10;
}

namespace PWR_SCR {
inline constexpr std::uint32_t CWUF_Msk = 0x1FU << 0;
inline constexpr std::uint32_t CSBF = 1U << 8;
}  // namespace PWR_SCR

}  // namespace stm32l4
