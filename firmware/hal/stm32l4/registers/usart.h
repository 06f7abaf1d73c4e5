// Universal synchronous asynchronous receiver transmitter. RM0351 rev 9, section 40.8.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kUsart2Base = 0x40004400;

struct UsartRegisters {
  volatile std::uint32_t CR1;   // 0x00
  volatile std::uint32_t CR2;   // 0x04
  volatile std::uint32_t CR3;   // 0x08
  volatile std::uint32_t BRR;   // 0x0C
  volatile std::uint32_t GTPR;  // 0x10
  volatile std::uint32_t RTOR;  // 0x14
  volatile std::uint32_t RQR;   // 0x18
  volatile std::uint32_t ISR;   // 0x1C
  volatile std::uint32_t ICR;   // 0x20
  volatile std::uint32_t RDR;   // 0x24
  volatile std::uint32_t TDR;   // 0x28
};
static_assert(offsetof(UsartRegisters, TDR) == 0x28);

inline UsartRegisters& Usart2() { return *reinterpret_cast<UsartRegisters*>(kUsart2Base); }

namespace USART_CR1 {
inline constexpr std::uint32_t UE = 1U << 0;
inline constexpr std::uint32_t RE = 1U << 2;
inline constexpr std::uint32_t TE = 1U << 3;
inline constexpr std::uint32_t RXNEIE = 1U << 5;
inline constexpr std::uint32_t TCIE = 1U << 6;
inline constexpr std::uint32_t TXEIE = 1U << 7;
}  // namespace USART_CR1

namespace USART_ISR {
inline constexpr std::uint32_t PE = 1U << 0;
inline constexpr std::uint32_t FE = 1U << 1;
inline constexpr std::uint32_t NF = 1U << 2;
inline constexpr std::uint32_t ORE = 1U << 3;
inline constexpr std::uint32_t RXNE = 1U << 5;
inline constexpr std::uint32_t TC = 1U << 6;
inline constexpr std::uint32_t TXE = 1U << 7;
inline constexpr std::uint32_t TEACK = 1U << 21;
inline constexpr std::uint32_t REACK = 1U << 22;
}  // namespace USART_ISR

namespace USART_ICR {
inline constexpr std::uint32_t PECF = 1U << 0;
inline constexpr std::uint32_t FECF = 1U << 1;
inline constexpr std::uint32_t NCF = 1U << 2;
inline constexpr std::uint32_t ORECF = 1U << 3;
inline constexpr std::uint32_t TCCF = 1U << 6;
}  // namespace USART_ICR

}  // namespace stm32l4
