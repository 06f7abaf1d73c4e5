#include "hal/stm32l4/spi1.h"

#include "hal/common/spin.h"
#include "hal/spi.h"
#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/dma.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/stm32l4/registers/spi.h"
#include "hal/time.h"

namespace stm32l4 {
namespace {

// PCLK2 / 16 = 5 MHz: / 8 would be 10, above the ArduChip's 8.
constexpr std::uint32_t kBaudDiv16 = 3;
constexpr std::uint32_t kSpiHz = kSysclkHz / 16;
static_assert(kSpiHz <= 8'000'000);

// A byte takes 1.6 µs, 128 core cycles; a turn of the spin is some 10.
constexpr std::uint32_t kByteSpins = 10'000;

// RM0351, table 44 (DMA1 requests): SPI1_RX is request 1 of channel 2, SPI1_TX of channel 3.
constexpr int kRxChannel = 2;
constexpr int kTxChannel = 3;
constexpr std::uint32_t kSpi1Request = 1;
constexpr std::uint32_t Shift(int channel) {
  return 4U * (static_cast<std::uint32_t>(channel) - 1);
}

// 64 KB, the most that a DMA channel counts, take 105 ms.
constexpr std::uint32_t kReadTimeoutMs = 500;

const std::uint8_t kZero = 0;  // what is sent while only receiving

volatile bool read_ended;
volatile bool read_failed;

// DR is 16 bits wide, and a 16-bit access would move two bytes (RM0351, 42.4.10).
volatile std::uint8_t& DataByte() {
  return *reinterpret_cast<volatile std::uint8_t*>(reinterpret_cast<std::uintptr_t>(&Spi1().DR));
}

}  // namespace

void StartSpi1() {
  auto& rcc = Rcc();
  rcc.APB2ENR |= RCC_APB2ENR::SPI1EN;
  rcc.AHB1ENR |= RCC_AHB1ENR::DMA1EN;
  (void)rcc.AHB1ENR;
  rcc.APB2RSTR |= RCC_APB2RSTR::SPI1RST;
  rcc.APB2RSTR &= ~RCC_APB2RSTR::SPI1RST;

  auto& spi = Spi1();
  spi.CR2 = (7U << SPI_CR2::DS_Pos) | SPI_CR2::FRXTH;  // 8 bits; RXNE at each byte
  spi.CR1 = SPI_CR1::MSTR | (kBaudDiv16 << SPI_CR1::BR_Pos) | SPI_CR1::SSM | SPI_CR1::SSI;
  spi.CR1 |= SPI_CR1::SPE;

  auto& dma = Dma1();
  dma.CSELR = (dma.CSELR & ~((0xFU << Shift(kRxChannel)) | (0xFU << Shift(kTxChannel)))) |
              (kSpi1Request << Shift(kRxChannel)) | (kSpi1Request << Shift(kTxChannel));
  EnableIrq(Irq::kDma1Channel2);
}

void StopSpi1() {
  Spi1().CR1 &= ~SPI_CR1::SPE;
  Rcc().APB2ENR &= ~RCC_APB2ENR::SPI1EN;
  Rcc().AHB1ENR &= ~RCC_AHB1ENR::DMA1EN;
}

}  // namespace stm32l4

extern "C" void DMA1_CH2_IRQHandler() {
  using namespace stm32l4;
  auto& dma = Dma1();
  if ((dma.ISR & (DMA_ISR::TEIF << Shift(kRxChannel))) != 0) read_failed = true;
  dma.IFCR = DMA_ISR::GIF << Shift(kRxChannel);
  read_ended = true;
}

namespace hal {

Status SpiExchange(std::uint8_t out, std::uint8_t* in) {
  using namespace stm32l4;
  DataByte() = out;
  if (!hal::SpinUntil([] { return (Spi1().SR & SPI_SR::RXNE) != 0; }, kByteSpins)) {
    return Status::kTimeout;
  }
  *in = DataByte();
  // The last bit is in, but its clock pulse is not over; chip select must not rise before.
  const bool idle = hal::SpinUntil([] { return (Spi1().SR & SPI_SR::BSY) == 0; }, kByteSpins);
  return idle ? Status::kOk : Status::kTimeout;
}

void SpiStartRead(std::uint8_t* buffer, std::size_t size) {
  using namespace stm32l4;
  read_ended = false;
  read_failed = false;
  const auto data_register = reinterpret_cast<std::uintptr_t>(&Spi1().DR);
  auto& rx = Dma1Channel(kRxChannel);
  rx.CPAR = data_register;
  rx.CMAR = reinterpret_cast<std::uintptr_t>(buffer);
  rx.CNDTR = size;
  auto& tx = Dma1Channel(kTxChannel);
  tx.CPAR = data_register;
  tx.CMAR = reinterpret_cast<std::uintptr_t>(&kZero);
  tx.CNDTR = size;
  // The receiving side first: a byte that is not read is an overrun (RM0351, 42.4.9).
  Spi1().CR2 |= SPI_CR2::RXDMAEN;
  rx.CCR = DMA_CCR::MINC | DMA_CCR::TCIE | DMA_CCR::TEIE | DMA_CCR::EN;
  tx.CCR = DMA_CCR::DIR | DMA_CCR::EN;
  Spi1().CR2 |= SPI_CR2::TXDMAEN;
}

Status SpiFinishRead() {
  using namespace stm32l4;
  const bool ended = SleepUntil([] { return read_ended; }, kReadTimeoutMs);
  Spi1().CR2 &= ~(SPI_CR2::TXDMAEN | SPI_CR2::RXDMAEN);
  Dma1Channel(kTxChannel).CCR = 0;
  Dma1Channel(kRxChannel).CCR = 0;
  Dma1().IFCR = (DMA_ISR::GIF << Shift(kRxChannel)) | (DMA_ISR::GIF << Shift(kTxChannel));
  if (!ended) return Status::kTimeout;
  if (read_failed || (Spi1().SR & SPI_SR::OVR) != 0) return Status::kBusError;
  return Status::kOk;
}

}  // namespace hal
