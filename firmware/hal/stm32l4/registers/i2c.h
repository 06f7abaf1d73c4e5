// Inter-integrated circuit interface. RM0351 rev 9, section 39.7.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kI2c1Base = 0x40005400;

struct I2cRegisters {
  volatile std::uint32_t CR1;       // 0x00
  volatile std::uint32_t CR2;       // 0x04
  volatile std::uint32_t OAR1;      // 0x08
  volatile std::uint32_t OAR2;      // 0x0C
  volatile std::uint32_t TIMINGR;   // 0x10
  volatile std::uint32_t TIMEOUTR;  // 0x14
  volatile std::uint32_t ISR;       // 0x18
  volatile std::uint32_t ICR;       // 0x1C
  volatile std::uint32_t PECR;      // 0x20
  volatile std::uint32_t RXDR;      // 0x24
  volatile std::uint32_t TXDR;      // 0x28
};
static_assert(offsetof(I2cRegisters, TXDR) == 0x28);

inline I2cRegisters& I2c1() { return *reinterpret_cast<I2cRegisters*>(kI2c1Base); }

namespace I2C_CR1 {
inline constexpr std::uint32_t PE = 1U << 0;
inline constexpr std::uint32_t TXIE = 1U << 1;
inline constexpr std::uint32_t RXIE = 1U << 2;
inline constexpr std::uint32_t NACKIE = 1U << 4;
inline constexpr std::uint32_t STOPIE = 1U << 5;
inline constexpr std::uint32_t ERRIE = 1U << 7;
}  // namespace I2C_CR1

namespace I2C_CR2 {
inline constexpr std::uint32_t SADD_Pos = 0;
inline constexpr std::uint32_t RD_WRN = 1U << 10;
inline constexpr std::uint32_t START = 1U << 13;
inline constexpr std::uint32_t NBYTES_Pos = 16;
inline constexpr std::uint32_t AUTOEND = 1U << 25;
}  // namespace I2C_CR2

namespace I2C_TIMINGR {
inline constexpr std::uint32_t SCLL_Pos = 0;
inline constexpr std::uint32_t SCLH_Pos = 8;
inline constexpr std::uint32_t SDADEL_Pos = 16;
inline constexpr std::uint32_t SCLDEL_Pos = 20;
inline constexpr std::uint32_t PRESC_Pos = 28;
}  // namespace I2C_TIMINGR

namespace I2C_ISR {
inline constexpr std::uint32_t TXIS = 1U << 1;
inline constexpr std::uint32_t RXNE = 1U << 2;
inline constexpr std::uint32_t NACKF = 1U << 4;
inline constexpr std::uint32_t STOPF = 1U << 5;
inline constexpr std::uint32_t BERR = 1U << 8;
inline constexpr std::uint32_t ARLO = 1U << 9;
inline constexpr std::uint32_t OVR = 1U << 10;
inline constexpr std::uint32_t BUSY = 1U << 15;
}  // namespace I2C_ISR

namespace I2C_ICR {
inline constexpr std::uint32_t NACKCF = 1U << 4;
inline constexpr std::uint32_t STOPCF = 1U << 5;
inline constexpr std::uint32_t BERRCF = 1U << 8;
inline constexpr std::uint32_t ARLOCF = 1U << 9;
inline constexpr std::uint32_t OVRCF = 1U << 10;
}  // namespace I2C_ICR

}  // namespace stm32l4
