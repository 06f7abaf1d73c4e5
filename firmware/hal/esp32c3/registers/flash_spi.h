// SPI0, through which the cache reads the flash. ESP-IDF, soc/esp32c3/register/soc/spi_mem_reg.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kFlashSpiBase = 0x60003000;

struct FlashSpiRegisters {
  std::uint32_t reserved_00[2];         // 0x00
  volatile std::uint32_t CTRL;          // 0x08
  volatile std::uint32_t CTRL1;         // 0x0C
  volatile std::uint32_t CTRL2;         // 0x10
  volatile std::uint32_t CLOCK;         // 0x14
  volatile std::uint32_t USER;          // 0x18
  volatile std::uint32_t USER1;         // 0x1C
  std::uint32_t reserved_20[7];         // 0x20
  volatile std::uint32_t CACHE_FCTRL;   // 0x3C
  std::uint32_t reserved_40[40];        // 0x40
  volatile std::uint32_t CORE_CLK_SEL;  // 0xE0
};
static_assert(offsetof(FlashSpiRegisters, CACHE_FCTRL) == 0x3C);
static_assert(offsetof(FlashSpiRegisters, CORE_CLK_SEL) == 0xE0);

inline FlashSpiRegisters& FlashSpi() {
  return *reinterpret_cast<FlashSpiRegisters*>(kFlashSpiBase);
}

namespace SPI_MEM_CTRL {
inline constexpr std::uint32_t FDUMMY_OUT = 1U << 3;
inline constexpr std::uint32_t FASTRD_MODE = 1U << 13;
inline constexpr std::uint32_t FREAD_DUAL = 1U << 14;
inline constexpr std::uint32_t Q_POL = 1U << 18;
inline constexpr std::uint32_t D_POL = 1U << 19;
inline constexpr std::uint32_t FREAD_QUAD = 1U << 20;
inline constexpr std::uint32_t FREAD_DIO = 1U << 23;
inline constexpr std::uint32_t FREAD_QIO = 1U << 24;
}  // namespace SPI_MEM_CTRL

namespace SPI_MEM_CTRL2 {
inline constexpr std::uint32_t CS_TIMES_Msk = 0x3FFU;  // set-up and hold
}

namespace SPI_MEM_CLOCK {
/// The module's clock divided, high for half of the time.
constexpr std::uint32_t Divide(std::uint32_t by) {
  return (by - 1) | (by / 2 - 1) << 8 | (by - 1) << 16;
}
}  // namespace SPI_MEM_CLOCK

namespace SPI_MEM_USER {
inline constexpr std::uint32_t CS_HOLD = 1U << 6;
inline constexpr std::uint32_t CS_SETUP = 1U << 7;
inline constexpr std::uint32_t USR_DUMMY = 1U << 29;
}  // namespace SPI_MEM_USER

namespace SPI_MEM_USER1 {
inline constexpr std::uint32_t DUMMY_CYCLELEN_Pos = 0;
inline constexpr std::uint32_t ADDR_BITLEN_Pos = 26;
}  // namespace SPI_MEM_USER1

namespace SPI_MEM_CACHE_FCTRL {
inline constexpr std::uint32_t CACHE_FLASH_USR_CMD = 1U << 2;
}

namespace SPI_MEM_CORE_CLK_SEL {
inline constexpr std::uint32_t SPI01_CLK_SEL_Msk = 3U << 0;
inline constexpr std::uint32_t SPI01_CLK_SEL_80M = 0U << 0;
}  // namespace SPI_MEM_CORE_CLK_SEL

}  // namespace esp32c3
