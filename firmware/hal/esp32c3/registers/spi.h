// General-purpose SPI. ESP32-C3 TRM, chapter "SPI Controller (SPI)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kSpi2Base = 0x60024000;

struct SpiRegisters {
  volatile std::uint32_t CMD;          // 0x00
  volatile std::uint32_t ADDR;         // 0x04
  volatile std::uint32_t CTRL;         // 0x08
  volatile std::uint32_t CLOCK;        // 0x0C
  volatile std::uint32_t USER;         // 0x10
  volatile std::uint32_t USER1;        // 0x14
  volatile std::uint32_t USER2;        // 0x18
  volatile std::uint32_t MS_DLEN;      // 0x1C
  volatile std::uint32_t MISC;         // 0x20
  std::uint32_t reserved_24[3];        // 0x24
  volatile std::uint32_t DMA_CONF;     // 0x30
  volatile std::uint32_t DMA_INT_ENA;  // 0x34
  volatile std::uint32_t DMA_INT_CLR;  // 0x38
  volatile std::uint32_t DMA_INT_RAW;  // 0x3C
  volatile std::uint32_t DMA_INT_ST;   // 0x40
  std::uint32_t reserved_44[21];       // 0x44
  volatile std::uint32_t W[16];        // 0x98
  std::uint32_t reserved_d8[2];        // 0xD8
  volatile std::uint32_t SLAVE;        // 0xE0
  volatile std::uint32_t SLAVE1;       // 0xE4
  volatile std::uint32_t CLK_GATE;     // 0xE8
};
static_assert(offsetof(SpiRegisters, DMA_CONF) == 0x30);
static_assert(offsetof(SpiRegisters, W) == 0x98);
static_assert(offsetof(SpiRegisters, CLK_GATE) == 0xE8);

inline SpiRegisters& Spi2() { return *reinterpret_cast<SpiRegisters*>(kSpi2Base); }

namespace SPI_CMD {
inline constexpr std::uint32_t UPDATE = 1U << 23;  // registers to the SPI's own clock; clears
inline constexpr std::uint32_t USR = 1U << 24;     // starts; clears when done
}  // namespace SPI_CMD

namespace SPI_CLOCK {
inline constexpr std::uint32_t CLKCNT_L_Pos = 0;
inline constexpr std::uint32_t CLKCNT_H_Pos = 6;
inline constexpr std::uint32_t CLKCNT_N_Pos = 12;
}  // namespace SPI_CLOCK

namespace SPI_USER {
inline constexpr std::uint32_t DOUTDIN = 1U << 0;  // full duplex
inline constexpr std::uint32_t USR_MOSI = 1U << 27;
inline constexpr std::uint32_t USR_MISO = 1U << 28;
}  // namespace SPI_USER

namespace SPI_MISC {
inline constexpr std::uint32_t CS_DIS_ALL = 0x3FU;
}

namespace SPI_DMA_CONF {
inline constexpr std::uint32_t DMA_RX_ENA = 1U << 27;
inline constexpr std::uint32_t RX_AFIFO_RST = 1U << 29;
inline constexpr std::uint32_t BUF_AFIFO_RST = 1U << 30;
}  // namespace SPI_DMA_CONF

namespace SPI_DMA_INT {
inline constexpr std::uint32_t TRANS_DONE = 1U << 12;
}

namespace SPI_CLK_GATE {
inline constexpr std::uint32_t CLK_EN = 1U << 0;
inline constexpr std::uint32_t MST_CLK_ACTIVE = 1U << 1;  // source XTAL unless MST_CLK_SEL
}  // namespace SPI_CLK_GATE

}  // namespace esp32c3
