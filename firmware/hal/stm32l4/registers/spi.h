// Serial peripheral interface. RM0351 rev 9, section 42.6.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kSpi1Base = 0x40013000;

struct SpiRegisters {
  volatile std::uint32_t CR1;     // 0x00
  volatile std::uint32_t CR2;     // 0x04
  volatile std::uint32_t SR;      // 0x08
  volatile std::uint32_t DR;      // 0x0C
  volatile std::uint32_t CRCPR;   // 0x10
  volatile std::uint32_t RXCRCR;  // 0x14
  volatile std::uint32_t TXCRCR;  // 0x18
};
static_assert(offsetof(SpiRegisters, TXCRCR) == 0x18);

inline SpiRegisters& Spi1() { return *reinterpret_cast<SpiRegisters*>(kSpi1Base); }

namespace SPI_CR1 {
inline constexpr std::uint32_t MSTR = 1U << 2;
inline constexpr std::uint32_t BR_Pos = 3;
inline constexpr std::uint32_t SPE = 1U << 6;
inline constexpr std::uint32_t SSI = 1U << 8;
inline constexpr std::uint32_t SSM = 1U << 9;
}  // namespace SPI_CR1

namespace SPI_CR2 {
inline constexpr std::uint32_t RXDMAEN = 1U << 0;
inline constexpr std::uint32_t TXDMAEN = 1U << 1;
inline constexpr std::uint32_t DS_Pos = 8;
inline constexpr std::uint32_t FRXTH = 1U << 12;
}  // namespace SPI_CR2

namespace SPI_SR {
inline constexpr std::uint32_t RXNE = 1U << 0;
inline constexpr std::uint32_t TXE = 1U << 1;
inline constexpr std::uint32_t OVR = 1U << 6;
inline constexpr std::uint32_t BSY = 1U << 7;
inline constexpr std::uint32_t FRLVL_Msk = 0x3U << 9;
inline constexpr std::uint32_t FTLVL_Msk = 0x3U << 11;
}  // namespace SPI_SR

}  // namespace stm32l4
