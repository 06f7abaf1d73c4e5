// Serial interface. ESP32-C3 TRM, chapter "UART Controller (UART)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kUart0Base = 0x60000000;
inline constexpr std::uint32_t kUartFifoBytes = 128;

struct UartRegisters {
  volatile std::uint32_t FIFO;        // 0x00
  volatile std::uint32_t INT_RAW;     // 0x04
  volatile std::uint32_t INT_ST;      // 0x08
  volatile std::uint32_t INT_ENA;     // 0x0C
  volatile std::uint32_t INT_CLR;     // 0x10
  volatile std::uint32_t CLKDIV;      // 0x14
  volatile std::uint32_t RX_FILT;     // 0x18
  volatile std::uint32_t STATUS;      // 0x1C
  volatile std::uint32_t CONF0;       // 0x20
  volatile std::uint32_t CONF1;       // 0x24
  std::uint32_t reserved_28[17];      // 0x28
  volatile std::uint32_t FSM_STATUS;  // 0x6C
  std::uint32_t reserved_70[2];       // 0x70
  volatile std::uint32_t CLK_CONF;    // 0x78
  volatile std::uint32_t DATE;        // 0x7C
  volatile std::uint32_t ID;          // 0x80
};
static_assert(offsetof(UartRegisters, FSM_STATUS) == 0x6C);
static_assert(offsetof(UartRegisters, ID) == 0x80);

inline UartRegisters& Uart0() { return *reinterpret_cast<UartRegisters*>(kUart0Base); }

// Bits of INT_RAW, INT_ST, INT_ENA, INT_CLR.
namespace UART_INT {
inline constexpr std::uint32_t RXFIFO_FULL = 1U << 0;
inline constexpr std::uint32_t TXFIFO_EMPTY = 1U << 1;
inline constexpr std::uint32_t RXFIFO_OVF = 1U << 4;
inline constexpr std::uint32_t TX_DONE = 1U << 14;
}  // namespace UART_INT

namespace UART_CLKDIV {
inline constexpr std::uint32_t FRAG_Pos = 20;  // sixteenths
}

namespace UART_STATUS {
inline constexpr std::uint32_t RXFIFO_CNT_Msk = 0x3FFU;
inline constexpr std::uint32_t TXFIFO_CNT_Pos = 16;
inline constexpr std::uint32_t TXFIFO_CNT_Msk = 0x3FFU << 16;
}  // namespace UART_STATUS

namespace UART_CONF0 {
inline constexpr std::uint32_t BIT_NUM_8 = 3U << 2;
inline constexpr std::uint32_t STOP_BIT_NUM_1 = 1U << 4;
inline constexpr std::uint32_t RXFIFO_RST = 1U << 17;
inline constexpr std::uint32_t MEM_CLK_EN = 1U << 28;
}  // namespace UART_CONF0

namespace UART_CONF1 {
inline constexpr std::uint32_t RXFIFO_FULL_THRHD_Pos = 0;
inline constexpr std::uint32_t TXFIFO_EMPTY_THRHD_Pos = 9;
}  // namespace UART_CONF1

namespace UART_FSM_STATUS {
inline constexpr std::uint32_t ST_URX_OUT_Msk = 0xFU;       // 0: nothing is being received
inline constexpr std::uint32_t ST_UTX_OUT_Msk = 0xFU << 4;  // 0: nothing is being sent
}  // namespace UART_FSM_STATUS

namespace UART_CLK_CONF {
inline constexpr std::uint32_t SCLK_DIV_NUM_Pos = 12;
inline constexpr std::uint32_t SCLK_SEL_XTAL = 3U << 20;
inline constexpr std::uint32_t SCLK_EN = 1U << 22;
inline constexpr std::uint32_t TX_SCLK_EN = 1U << 24;
inline constexpr std::uint32_t RX_SCLK_EN = 1U << 25;
}  // namespace UART_CLK_CONF

namespace UART_ID {
inline constexpr std::uint32_t REG_UPDATE = 1U << 31;  // clears when the registers took effect
}

}  // namespace esp32c3
