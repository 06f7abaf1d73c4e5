#include "hal/console.h"

#include "hal/common/ring.h"
#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/console.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/stm32l4/registers/usart.h"
#include "hal/time.h"
#include "this_board.h"

namespace stm32l4 {
namespace {

// At 115,200 baud 694: 115,274, 0.06 % off.
constexpr std::uint32_t kBaudDivider = (kSysclkHz + kConsoleBaud / 2) / kConsoleBaud;
// USARTx_BRR takes 16 bits and at least 16 (RM0351, 40.5.4). 8N1 stands about 4 % on both sides.
static_assert(kBaudDivider >= 16 && kBaudDivider <= 0xFFFF);
// The whole queue takes 44 ms at 115,200 baud (512 bytes of 10 bits) and 533 ms at 9,600; more
// means that the USART is dead.
constexpr std::uint32_t kSendTimeoutMs = 1000;
static_assert(512 * 10 * 1000 / kConsoleBaud < kSendTimeoutMs);

hal::Ring<512> to_host;
hal::Ring<256> from_host;
volatile bool sending;  // from the first queued byte until the last one's stop bit
volatile std::uint64_t last_activity_us;

}  // namespace

void StartConsole() {
  Rcc().APB1ENR1 |= RCC_APB1ENR1::USART2EN;
  (void)Rcc().APB1ENR1;
  pins::ConsoleTx::MakeAlternate(pins::kConsoleTxFunction);
  // Pulled up: an open line must not look like a start bit.
  pins::ConsoleRx::MakeAlternate(pins::kConsoleRxFunction, PinDrive::kPushPull, PinPull::kUp);

  auto& usart = Usart2();
  usart.BRR = kBaudDivider;
  usart.CR1 = USART_CR1::UE | USART_CR1::RE | USART_CR1::TE | USART_CR1::RXNEIE;
  EnableIrq(Irq::kUsart2);
}

void NoteConsoleActivity() { last_activity_us = hal::UptimeUs(); }

}  // namespace stm32l4

extern "C" void USART2_IRQHandler() {
  using namespace stm32l4;
  auto& usart = Usart2();
  const std::uint32_t status = usart.ISR;

  // An overrun or a framing error costs that byte; the line parser finds a line that is wrong.
  usart.ICR = status & (USART_ISR::PE | USART_ISR::FE | USART_ISR::NF | USART_ISR::ORE);

  if ((status & USART_ISR::RXNE) != 0) {
    from_host.Push(static_cast<char>(usart.RDR));  // full: the byte is dropped
    NoteConsoleActivity();
  }
  if ((status & USART_ISR::TXE) != 0 && (usart.CR1 & USART_CR1::TXEIE) != 0) {
    char byte;
    if (to_host.Pop(&byte)) {
      usart.TDR = static_cast<std::uint8_t>(byte);
    } else {
      usart.CR1 = (usart.CR1 & ~USART_CR1::TXEIE) | USART_CR1::TCIE;
    }
  } else if ((status & USART_ISR::TC) != 0 && (usart.CR1 & USART_CR1::TCIE) != 0) {
    usart.CR1 &= ~USART_CR1::TCIE;
    sending = false;
  }
}

namespace hal {

using stm32l4::Usart2;
namespace USART_CR1 = stm32l4::USART_CR1;

void ConsoleWrite(std::string_view text) {
  for (const char byte : text) {
    SleepUntil([] { return !stm32l4::to_host.IsFull(); }, stm32l4::kSendTimeoutMs);
    const InterruptLock lock;
    if (!stm32l4::to_host.Push(byte)) return;
    stm32l4::sending = true;
    Usart2().CR1 = (Usart2().CR1 & ~USART_CR1::TCIE) | USART_CR1::TXEIE;
  }
}

void ConsoleFlush() {
  SleepUntil([] { return !stm32l4::sending; }, stm32l4::kSendTimeoutMs);
}

bool ConsoleRead(char* byte) {
  const InterruptLock lock;
  return stm32l4::from_host.Pop(byte);
}

bool ConsoleHasInput() { return !stm32l4::from_host.IsEmpty(); }

std::uint64_t ConsoleLastActivityUs() {
  const InterruptLock lock;
  return stm32l4::last_activity_us;
}

}  // namespace hal
