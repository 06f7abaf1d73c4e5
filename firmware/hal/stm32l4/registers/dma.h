// Direct memory access controller. RM0351 rev 9, section 11.6.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kDma1Base = 0x40020000;
inline constexpr int kDmaChannelCount = 7;

struct DmaChannelRegisters {
  volatile std::uint32_t CCR;    // 0x00
  volatile std::uint32_t CNDTR;  // 0x04
  volatile std::uint32_t CPAR;   // 0x08
  volatile std::uint32_t CMAR;   // 0x0C
  std::uint32_t reserved_10;     // 0x10
};

struct DmaRegisters {
  volatile std::uint32_t ISR;                     // 0x00
  volatile std::uint32_t IFCR;                    // 0x04
  DmaChannelRegisters channel[kDmaChannelCount];  // 0x08
  std::uint32_t reserved_94[5];                   // 0x94
  volatile std::uint32_t CSELR;                   // 0xA8
};
static_assert(offsetof(DmaRegisters, channel) == 0x08);
static_assert(offsetof(DmaRegisters, CSELR) == 0xA8);

inline DmaRegisters& Dma1() { return *reinterpret_cast<DmaRegisters*>(kDma1Base); }

/// Channel as the manual counts it, from 1.
inline DmaChannelRegisters& Dma1Channel(int number) { return Dma1().channel[number - 1]; }

namespace DMA_CCR {
inline constexpr std::uint32_t EN = 1U << 0;
inline constexpr std::uint32_t TCIE = 1U << 1;
inline constexpr std::uint32_t TEIE = 1U << 3;
inline constexpr std::uint32_t DIR = 1U << 4;
inline constexpr std::uint32_t MINC = 1U << 7;
}  // namespace DMA_CCR

/// Flags of one channel in ISR and IFCR, before the shift by 4 · (number - 1).
namespace DMA_ISR {
inline constexpr std::uint32_t GIF = 1U << 0;
inline constexpr std::uint32_t TCIF = 1U << 1;
inline constexpr std::uint32_t HTIF = 1U << 2;
inline constexpr std::uint32_t TEIF = 1U << 3;
}  // namespace DMA_ISR

}  // namespace stm32l4
