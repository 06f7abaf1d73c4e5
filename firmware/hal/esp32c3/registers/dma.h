// General DMA. ESP32-C3 TRM, chapter "GDMA Controller (GDMA)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kDmaBase = 0x6003F000;

/// A descriptor: the use of one buffer by a channel. Channels follow a list of them.
struct DmaDescriptor {
  volatile std::uint32_t control;
  const volatile void* buffer;
  DmaDescriptor* next;
};

namespace DMA_DESCRIPTOR {
inline constexpr std::uint32_t SIZE_Msk = 0xFFFU;
inline constexpr std::uint32_t OWNER_DMA = 1U << 31;
}  // namespace DMA_DESCRIPTOR

struct DmaInterruptRegisters {
  volatile std::uint32_t RAW;  // 0x00
  volatile std::uint32_t ST;   // 0x04
  volatile std::uint32_t ENA;  // 0x08
  volatile std::uint32_t CLR;  // 0x0C
};

struct DmaChannelRegisters {
  volatile std::uint32_t IN_CONF0;             // 0x00
  volatile std::uint32_t IN_CONF1;             // 0x04
  volatile std::uint32_t INFIFO_STATUS;        // 0x08
  volatile std::uint32_t IN_POP;               // 0x0C
  volatile std::uint32_t IN_LINK;              // 0x10
  volatile std::uint32_t IN_STATE;             // 0x14
  volatile std::uint32_t IN_SUC_EOF_DES_ADDR;  // 0x18
  volatile std::uint32_t IN_ERR_EOF_DES_ADDR;  // 0x1C
  volatile std::uint32_t IN_DSCR;              // 0x20
  volatile std::uint32_t IN_DSCR_BF0;          // 0x24
  volatile std::uint32_t IN_DSCR_BF1;          // 0x28
  volatile std::uint32_t IN_PRI;               // 0x2C
  volatile std::uint32_t IN_PERI_SEL;          // 0x30
  std::uint32_t reserved_34[35];               // 0x34: OUT registers, and unused ones
};
static_assert(sizeof(DmaChannelRegisters) == 0xC0);

struct DmaRegisters {
  DmaInterruptRegisters INT_CH[3];   // 0x00
  std::uint32_t reserved_30[5];      // 0x30
  volatile std::uint32_t MISC_CONF;  // 0x44
  std::uint32_t reserved_48[10];     // 0x48
  DmaChannelRegisters CH[3];         // 0x70
};
static_assert(offsetof(DmaRegisters, MISC_CONF) == 0x44);
static_assert(offsetof(DmaRegisters, CH) == 0x70);

inline DmaRegisters& Dma() { return *reinterpret_cast<DmaRegisters*>(kDmaBase); }

namespace DMA_INT {
inline constexpr std::uint32_t IN_SUC_EOF = 1U << 1;
inline constexpr std::uint32_t IN_DSCR_ERR = 1U << 5;
inline constexpr std::uint32_t IN_DSCR_EMPTY = 1U << 7;
inline constexpr std::uint32_t INFIFO_OVF = 1U << 9;
}  // namespace DMA_INT

namespace DMA_MISC_CONF {
inline constexpr std::uint32_t CLK_EN = 1U << 3;
}

namespace DMA_IN_CONF0 {
inline constexpr std::uint32_t IN_RST = 1U << 0;
}

namespace DMA_IN_LINK {
inline constexpr std::uint32_t ADDR_Msk = 0xFFFFFU;  // the rest of the address is SRAM1's
inline constexpr std::uint32_t STOP = 1U << 21;
inline constexpr std::uint32_t START = 1U << 22;
}  // namespace DMA_IN_LINK

namespace DMA_PERI_SEL {
inline constexpr std::uint32_t SPI2 = 0;
}

}  // namespace esp32c3
