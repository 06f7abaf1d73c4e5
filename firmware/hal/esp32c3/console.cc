#include "hal/console.h"

#include <type_traits>

#include "hal/common/ring.h"
#include "hal/common/spin.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/console.h"
#include "hal/esp32c3/interrupt.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/system.h"
#include "hal/esp32c3/registers/uart.h"
#include "hal/time.h"
#include "this_board.h"

namespace esp32c3 {
namespace {

// From the crystal: the baud rate does not follow the core's clock. In sixteenths: at 115,200 baud
// 347 + 4 / 16, which makes 115,191, 0.01 % off.
constexpr std::uint32_t kDivider16 = (16 * kXtalHz + kConsoleBaud / 2) / kConsoleBaud;
static_assert(kDivider16 / 16 < 1U << 12, "UART_CLKDIV has 12 bits");

// Refilled when it is this empty: 32 bytes take 2.8 ms at 115,200 baud.
constexpr std::uint32_t kRefillBytes = 32;

// The whole queue takes 44 ms at 115,200 baud (512 bytes of 10 bits) and 533 ms at 9,600; more
// means that the UART is dead.
constexpr std::uint32_t kSendTimeoutMs = 1000;
static_assert(512 * 10 * 1000 / kConsoleBaud < kSendTimeoutMs);

// REG_UPDATE takes some cycles of both clocks.
constexpr std::uint32_t kUpdateSpins = 1000;

hal::Ring<512> to_host;
hal::Ring<256> from_host;
volatile bool sending;  // from the first queued byte until the last one's stop bit
volatile std::uint64_t last_activity_us;

bool FifoHasRoom() {
  const std::uint32_t status = Uart0().STATUS;
  return (status & UART_STATUS::TXFIFO_CNT_Msk) >> UART_STATUS::TXFIFO_CNT_Pos < kUartFifoBytes;
}

bool FifoHasInput() { return (Uart0().STATUS & UART_STATUS::RXFIFO_CNT_Msk) != 0; }

ESP32C3_IRAM void Receive() {
  auto& uart = Uart0();
  while (FifoHasInput()) from_host.Push(static_cast<char>(uart.FIFO));  // full: dropped
  // An overrun costs what came in the meantime; the line parser finds a line that is wrong.
  uart.INT_CLR = UART_INT::RXFIFO_FULL | UART_INT::RXFIFO_OVF;
  NoteConsoleActivity();
}

ESP32C3_IRAM void Refill() {
  auto& uart = Uart0();
  uart.INT_CLR = UART_INT::TX_DONE;  // of what was sent before
  char byte;
  while (FifoHasRoom() && to_host.Pop(&byte)) uart.FIFO = static_cast<std::uint8_t>(byte);
  if (to_host.IsEmpty()) {
    uart.INT_ENA = (uart.INT_ENA & ~UART_INT::TXFIFO_EMPTY) | UART_INT::TX_DONE;
  }
  uart.INT_CLR = UART_INT::TXFIFO_EMPTY;
}

}  // namespace

void StartConsole() {
  System().PERIP_CLK_EN0 |= SYSTEM_PERIP0::UART | SYSTEM_PERIP0::UART_MEM;
  auto& uart = Uart0();
  uart.INT_ENA = 0;
  uart.CLK_CONF = UART_CLK_CONF::SCLK_SEL_XTAL | UART_CLK_CONF::SCLK_EN |
                  UART_CLK_CONF::TX_SCLK_EN | UART_CLK_CONF::RX_SCLK_EN;
  uart.CLKDIV = (kDivider16 / 16) | ((kDivider16 % 16) << UART_CLKDIV::FRAG_Pos);
  uart.CONF0 = UART_CONF0::BIT_NUM_8 | UART_CONF0::STOP_BIT_NUM_1 | UART_CONF0::MEM_CLK_EN;
  uart.CONF1 = (1U << UART_CONF1::RXFIFO_FULL_THRHD_Pos) |
               (kRefillBytes << UART_CONF1::TXFIFO_EMPTY_THRHD_Pos);
  uart.ID |= UART_ID::REG_UPDATE;
  hal::SpinUntil([&] { return (uart.ID & UART_ID::REG_UPDATE) == 0; }, kUpdateSpins);

  // The ROM has printed through the UART's own pin, which may belong to something else here.
  using RomTx = Pin<kU0Txd.direct_pin>;
  if constexpr (!std::is_same_v<pins::ConsoleTx, RomTx>) RomTx::Disconnect();
  pins::ConsoleTx::MakeOutputOf<kU0Txd>();
  // Pulled up: an open line must not look like a start bit.
  pins::ConsoleRx::MakeInputOf<kU0Rxd>(IO_MUX_GPIO::FUN_WPU);

  uart.INT_CLR = ~0U;
  uart.INT_ENA = UART_INT::RXFIFO_FULL | UART_INT::RXFIFO_OVF;
  ConnectInterrupt(InterruptSource::kUart0, CpuInterrupt::kConsole);
}

bool ConsoleIsReceiving() {
  return FifoHasInput() || (Uart0().FSM_STATUS & UART_FSM_STATUS::ST_URX_OUT_Msk) != 0;
}

ESP32C3_IRAM void NoteConsoleActivity() { last_activity_us = hal::UptimeUs(); }

}  // namespace esp32c3

extern "C" __attribute__((interrupt)) ESP32C3_IRAM void ConsoleInterrupt() {
  using namespace esp32c3;
  auto& uart = Uart0();
  const std::uint32_t pending = uart.INT_ST;
  if ((pending & (UART_INT::RXFIFO_FULL | UART_INT::RXFIFO_OVF)) != 0) Receive();
  if ((pending & UART_INT::TXFIFO_EMPTY) != 0) {
    Refill();
  } else if ((pending & UART_INT::TX_DONE) != 0) {
    uart.INT_CLR = UART_INT::TX_DONE;
    uart.INT_ENA &= ~UART_INT::TX_DONE;
    sending = false;
  }
}

namespace hal {

using esp32c3::Uart0;
namespace UART_INT = esp32c3::UART_INT;

void ConsoleWrite(std::string_view text) {
  for (const char byte : text) {
    SleepUntil([] { return !esp32c3::to_host.IsFull(); }, esp32c3::kSendTimeoutMs);
    const InterruptLock lock;
    if (!esp32c3::to_host.Push(byte)) return;
    esp32c3::sending = true;
    Uart0().INT_ENA = (Uart0().INT_ENA & ~UART_INT::TX_DONE) | UART_INT::TXFIFO_EMPTY;
  }
}

void ConsoleFlush() {
  SleepUntil([] { return !esp32c3::sending; }, esp32c3::kSendTimeoutMs);
}

bool ConsoleRead(char* byte) {
  const InterruptLock lock;
  return esp32c3::from_host.Pop(byte);
}

bool ConsoleHasInput() { return !esp32c3::from_host.IsEmpty(); }

std::uint64_t ConsoleLastActivityUs() {
  const InterruptLock lock;
  return esp32c3::last_activity_us;
}

}  // namespace hal
