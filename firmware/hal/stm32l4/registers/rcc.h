// Reset and clock control. RM0351 rev 9, section 6.4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kRccBase = 0x40021000;

struct RccRegisters {
  volatile std::uint32_t CR;           // 0x00
  volatile std::uint32_t ICSCR;        // 0x04
  volatile std::uint32_t CFGR;         // 0x08
  volatile std::uint32_t PLLCFGR;      // 0x0C
  volatile std::uint32_t PLLSAI1CFGR;  // 0x10
  volatile std::uint32_t PLLSAI2CFGR;  // 0x14
  volatile std::uint32_t CIER;         // 0x18
  volatile std::uint32_t CIFR;         // 0x1C
  volatile std::uint32_t CICR;         // 0x20
  std::uint32_t reserved_24;           // 0x24
  volatile std::uint32_t AHB1RSTR;     // 0x28
  volatile std::uint32_t AHB2RSTR;     // 0x2C
  volatile std::uint32_t AHB3RSTR;     // 0x30
  std::uint32_t reserved_34;           // 0x34
  volatile std::uint32_t APB1RSTR1;    // 0x38
  volatile std::uint32_t APB1RSTR2;    // 0x3C
  volatile std::uint32_t APB2RSTR;     // 0x40
  std::uint32_t reserved_44;           // 0x44
  volatile std::uint32_t AHB1ENR;      // 0x48
  volatile std::uint32_t AHB2ENR;      // 0x4C
  volatile std::uint32_t AHB3ENR;      // 0x50
  std::uint32_t reserved_54;           // 0x54
  volatile std::uint32_t APB1ENR1;     // 0x58
  volatile std::uint32_t APB1ENR2;     // 0x5C
  volatile std::uint32_t APB2ENR;      // 0x60
  std::uint32_t reserved_64;           // 0x64
  volatile std::uint32_t AHB1SMENR;    // 0x68
  volatile std::uint32_t AHB2SMENR;    // 0x6C
  volatile std::uint32_t AHB3SMENR;    // 0x70
  std::uint32_t reserved_74;           // 0x74
  volatile std::uint32_t APB1SMENR1;   // 0x78
  volatile std::uint32_t APB1SMENR2;   // 0x7C
  volatile std::uint32_t APB2SMENR;    // 0x80
  std::uint32_t reserved_84;           // 0x84
  volatile std::uint32_t CCIPR;        // 0x88
  std::uint32_t reserved_8c;           // 0x8C
  volatile std::uint32_t BDCR;         // 0x90
  volatile std::uint32_t CSR;          // 0x94
};
static_assert(offsetof(RccRegisters, PLLCFGR) == 0x0C);
static_assert(offsetof(RccRegisters, AHB1ENR) == 0x48);
static_assert(offsetof(RccRegisters, APB2ENR) == 0x60);
static_assert(offsetof(RccRegisters, CSR) == 0x94);

inline RccRegisters& Rcc() { return *reinterpret_cast<RccRegisters*>(kRccBase); }

namespace RCC_CR {
inline constexpr std::uint32_t MSION = 1U << 0;
inline constexpr std::uint32_t MSIRDY = 1U << 1;
inline constexpr std::uint32_t MSIRGSEL = 1U << 3;
inline constexpr std::uint32_t MSIRANGE_Pos = 4;
inline constexpr std::uint32_t MSIRANGE_Msk = 0xFU << MSIRANGE_Pos;
inline constexpr std::uint32_t PLLON = 1U << 24;
inline constexpr std::uint32_t PLLRDY = 1U << 25;
}  // namespace RCC_CR

namespace RCC_CFGR {
inline constexpr std::uint32_t SW_Msk = 0x3U << 0;
inline constexpr std::uint32_t SW_MSI = 0x0U << 0;
inline constexpr std::uint32_t SW_PLL = 0x3U << 0;
inline constexpr std::uint32_t SWS_Msk = 0x3U << 2;
inline constexpr std::uint32_t SWS_PLL = 0x3U << 2;
}  // namespace RCC_CFGR

namespace RCC_PLLCFGR {
inline constexpr std::uint32_t PLLSRC_MSI = 0x1U << 0;
inline constexpr std::uint32_t PLLM_Pos = 4;
inline constexpr std::uint32_t PLLN_Pos = 8;
inline constexpr std::uint32_t PLLREN = 1U << 24;
inline constexpr std::uint32_t PLLR_Pos = 25;
}  // namespace RCC_PLLCFGR

namespace RCC_AHB1ENR {
inline constexpr std::uint32_t DMA1EN = 1U << 0;
}

namespace RCC_AHB2ENR {
inline constexpr std::uint32_t GPIOAEN = 1U << 0;
inline constexpr std::uint32_t GPIOBEN = 1U << 1;
inline constexpr std::uint32_t GPIOCEN = 1U << 2;
inline constexpr std::uint32_t GPIODEN = 1U << 3;
inline constexpr std::uint32_t GPIOHEN = 1U << 7;
}  // namespace RCC_AHB2ENR

namespace RCC_APB1ENR1 {
inline constexpr std::uint32_t USART2EN = 1U << 17;
inline constexpr std::uint32_t I2C1EN = 1U << 21;
inline constexpr std::uint32_t PWREN = 1U << 28;
}  // namespace RCC_APB1ENR1

namespace RCC_APB1RSTR1 {
inline constexpr std::uint32_t I2C1RST = 1U << 21;
}

namespace RCC_APB2ENR {
inline constexpr std::uint32_t SYSCFGEN = 1U << 0;
inline constexpr std::uint32_t SPI1EN = 1U << 12;
}  // namespace RCC_APB2ENR

namespace RCC_APB2RSTR {
inline constexpr std::uint32_t SPI1RST = 1U << 12;
}

namespace RCC_BDCR {
inline constexpr std::uint32_t LSEON = 1U << 0;
inline constexpr std::uint32_t LSERDY = 1U << 1;
inline constexpr std::uint32_t LSEDRV_Msk = 0x3U << 3;
inline constexpr std::uint32_t RTCSEL_Msk = 0x3U << 8;
inline constexpr std::uint32_t RTCSEL_LSE = 0x1U << 8;
inline constexpr std::uint32_t RTCSEL_LSI = 0x2U << 8;
inline constexpr std::uint32_t RTCEN = 1U << 15;
inline constexpr std::uint32_t BDRST = 1U << 16;
}  // namespace RCC_BDCR

namespace RCC_CSR {
inline constexpr std::uint32_t LSION = 1U << 0;
inline constexpr std::uint32_t LSIRDY = 1U << 1;
inline constexpr std::uint32_t RMVF = 1U << 23;
inline constexpr std::uint32_t FWRSTF = 1U << 24;
inline constexpr std::uint32_t OBLRSTF = 1U << 25;
inline constexpr std::uint32_t PINRSTF = 1U << 26;
inline constexpr std::uint32_t BORRSTF = 1U << 27;
inline constexpr std::uint32_t SFTRSTF = 1U << 28;
inline constexpr std::uint32_t IWDGRSTF = 1U << 29;
inline constexpr std::uint32_t WWDGRSTF = 1U << 30;
inline constexpr std::uint32_t LPWRRSTF = 1U << 31;
}  // namespace RCC_CSR

}  // namespace stm32l4
