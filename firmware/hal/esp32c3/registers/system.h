// Clocks and resets of the chip's parts. ESP32-C3 TRM, chapters "Reset and Clock" and "System
// Registers (SYSTEM)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kSystemBase = 0x600C0000;

struct SystemRegisters {
  volatile std::uint32_t CPU_PERI_CLK_EN;  // 0x00
  volatile std::uint32_t CPU_PERI_RST_EN;  // 0x04
  volatile std::uint32_t CPU_PER_CONF;     // 0x08
  volatile std::uint32_t MEM_PD_MASK;      // 0x0C
  volatile std::uint32_t PERIP_CLK_EN0;    // 0x10
  volatile std::uint32_t PERIP_CLK_EN1;    // 0x14
  volatile std::uint32_t PERIP_RST_EN0;    // 0x18
  volatile std::uint32_t PERIP_RST_EN1;    // 0x1C
  std::uint32_t reserved_20[14];           // 0x20
  volatile std::uint32_t SYSCLK_CONF;      // 0x58
};
static_assert(offsetof(SystemRegisters, SYSCLK_CONF) == 0x58);

inline SystemRegisters& System() { return *reinterpret_cast<SystemRegisters*>(kSystemBase); }

namespace SYSTEM_CPU_PER_CONF {
inline constexpr std::uint32_t CPUPERIOD_SEL_Msk = 3U << 0;
inline constexpr std::uint32_t CPUPERIOD_SEL_80M = 0U << 0;
inline constexpr std::uint32_t CPUPERIOD_SEL_160M = 1U << 0;
inline constexpr std::uint32_t PLL_FREQ_SEL = 1U << 2;  // 480 MHz, not 320
}  // namespace SYSTEM_CPU_PER_CONF

// Bits of PERIP_CLK_EN0 and PERIP_RST_EN0.
namespace SYSTEM_PERIP0 {
inline constexpr std::uint32_t UART = 1U << 2;
inline constexpr std::uint32_t SPI2 = 1U << 6;
inline constexpr std::uint32_t I2C_EXT0 = 1U << 7;
inline constexpr std::uint32_t TIMERGROUP = 1U << 13;
inline constexpr std::uint32_t UART_MEM = 1U << 24;
inline constexpr std::uint32_t SYSTIMER = 1U << 29;
}  // namespace SYSTEM_PERIP0

// Bits of PERIP_CLK_EN1 and PERIP_RST_EN1.
namespace SYSTEM_PERIP1 {
inline constexpr std::uint32_t DMA = 1U << 6;
}

namespace SYSTEM_SYSCLK_CONF {
inline constexpr std::uint32_t PRE_DIV_CNT_Msk = 0x3FFU;
inline constexpr std::uint32_t SOC_CLK_SEL_Msk = 3U << 10;
inline constexpr std::uint32_t SOC_CLK_SEL_XTAL = 0U << 10;
inline constexpr std::uint32_t SOC_CLK_SEL_PLL = 1U << 10;
}  // namespace SYSTEM_SYSCLK_CONF

}  // namespace esp32c3
