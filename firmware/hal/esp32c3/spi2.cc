#include "hal/esp32c3/spi2.h"

#include <algorithm>

#include "hal/common/spin.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/interrupt.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/dma.h"
#include "hal/esp32c3/registers/gpio.h"
#include "hal/esp32c3/registers/spi.h"
#include "hal/esp32c3/registers/system.h"
#include "hal/spi.h"
#include "hal/time.h"

namespace esp32c3 {
namespace {

// The crystal / 6 = 6.67 MHz, both halves of a clock alike: / 5 would be just the ArduChip's 8.
constexpr std::uint32_t kDivider = 6;
static_assert(kXtalHz / kDivider <= 8'000'000);
constexpr std::uint32_t kClock = ((kDivider - 1) << SPI_CLOCK::CLKCNT_N_Pos) |
                                 ((kDivider / 2 - 1) << SPI_CLOCK::CLKCNT_H_Pos) |
                                 ((kDivider - 1) << SPI_CLOCK::CLKCNT_L_Pos);

// A byte takes 1.2 µs, 192 core cycles; a turn of the spin is some 10.
constexpr std::uint32_t kByteSpins = 10'000;

// One descriptor holds 4095 bytes, and a transfer 32 KB: what is longer is read piece by piece.
constexpr std::size_t kPieceBytes = 4092;

// 64 KB, the most that a read takes, need 79 ms.
constexpr std::uint32_t kReadTimeoutMs = 500;

// The DMA channel that serves SPI2; nothing else uses any.
constexpr int kChannel = 0;

constexpr std::uint32_t kDmaFailures =
    DMA_INT::IN_DSCR_ERR | DMA_INT::IN_DSCR_EMPTY | DMA_INT::INFIFO_OVF;

DmaDescriptor descriptor;
std::uint8_t* next_piece;
std::size_t left_bytes;
volatile bool read_ended;

// Hands the registers over to the SPI's clock, then starts.
void StartTransfer() {
  auto& spi = Spi2();
  spi.CMD = SPI_CMD::UPDATE;
  hal::SpinUntil([&] { return (spi.CMD & SPI_CMD::UPDATE) == 0; }, kByteSpins);
  spi.CMD = SPI_CMD::USR;
}

ESP32C3_IRAM void StartPiece() {
  const std::size_t size = std::min(left_bytes, kPieceBytes);
  descriptor = {DMA_DESCRIPTOR::OWNER_DMA | static_cast<std::uint32_t>(size), next_piece, nullptr};
  next_piece += size;
  left_bytes -= size;

  auto& channel = Dma().CH[kChannel];
  channel.IN_CONF0 = DMA_IN_CONF0::IN_RST;
  channel.IN_CONF0 = 0;
  const auto link = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&descriptor));
  __asm volatile("fence" ::: "memory");
  channel.IN_LINK = (link & DMA_IN_LINK::ADDR_Msk) | DMA_IN_LINK::START;

  auto& spi = Spi2();
  spi.DMA_CONF = SPI_DMA_CONF::RX_AFIFO_RST;
  spi.DMA_CONF = SPI_DMA_CONF::DMA_RX_ENA;
  spi.USER = SPI_USER::USR_MISO;
  spi.MS_DLEN = static_cast<std::uint32_t>(8 * size - 1);
  StartTransfer();
}

}  // namespace

void StartSpi2() {
  auto& system = System();
  system.PERIP_CLK_EN0 |= SYSTEM_PERIP0::SPI2;
  system.PERIP_RST_EN0 |= SYSTEM_PERIP0::SPI2;
  system.PERIP_RST_EN0 &= ~SYSTEM_PERIP0::SPI2;
  system.PERIP_CLK_EN1 |= SYSTEM_PERIP1::DMA;
  system.PERIP_RST_EN1 &= ~SYSTEM_PERIP1::DMA;

  auto& spi = Spi2();
  spi.CLK_GATE = SPI_CLK_GATE::CLK_EN | SPI_CLK_GATE::MST_CLK_ACTIVE;
  spi.SLAVE = 0;  // master
  spi.CLOCK = kClock;
  spi.MISC = SPI_MISC::CS_DIS_ALL;  // the chip select is a plain pin, held over many transfers
  spi.DMA_INT_CLR = ~0U;
  spi.DMA_INT_ENA = 0;

  auto& dma = Dma();
  dma.MISC_CONF |= DMA_MISC_CONF::CLK_EN;
  dma.CH[kChannel].IN_PERI_SEL = DMA_PERI_SEL::SPI2;
  ConnectInterrupt(InterruptSource::kSpi2, CpuInterrupt::kSpi);
}

void StopSpi2() {
  Spi2().DMA_INT_ENA = 0;
  Spi2().CLK_GATE = 0;
  System().PERIP_CLK_EN0 &= ~SYSTEM_PERIP0::SPI2;
  System().PERIP_CLK_EN1 &= ~SYSTEM_PERIP1::DMA;
}

}  // namespace esp32c3

extern "C" __attribute__((interrupt)) ESP32C3_IRAM void SpiInterrupt() {
  using namespace esp32c3;
  Spi2().DMA_INT_CLR = SPI_DMA_INT::TRANS_DONE;
  if (left_bytes > 0) {
    StartPiece();
  } else {
    read_ended = true;
  }
}

namespace hal {

Status SpiExchange(std::uint8_t out, std::uint8_t* in) {
  using namespace esp32c3;
  auto& spi = Spi2();
  spi.DMA_CONF = SPI_DMA_CONF::BUF_AFIFO_RST | SPI_DMA_CONF::RX_AFIFO_RST;
  spi.DMA_CONF = 0;
  spi.USER = SPI_USER::DOUTDIN | SPI_USER::USR_MOSI | SPI_USER::USR_MISO;
  spi.MS_DLEN = 8 - 1;
  spi.W[0] = out;
  StartTransfer();
  if (!SpinUntil([&] { return (spi.CMD & SPI_CMD::USR) == 0; }, kByteSpins)) {
    return Status::kTimeout;
  }
  *in = static_cast<std::uint8_t>(spi.W[0]);
  return Status::kOk;
}

void SpiStartRead(std::uint8_t* buffer, std::size_t size) {
  using namespace esp32c3;
  next_piece = buffer;
  left_bytes = size;
  read_ended = false;
  Dma().INT_CH[kChannel].CLR = ~0U;
  Spi2().DMA_INT_CLR = SPI_DMA_INT::TRANS_DONE;
  Spi2().DMA_INT_ENA = SPI_DMA_INT::TRANS_DONE;
  StartPiece();
}

Status SpiFinishRead() {
  using namespace esp32c3;
  const bool ended = SleepUntil([] { return read_ended; }, kReadTimeoutMs);
  Spi2().DMA_INT_ENA = 0;
  const auto& interrupts = Dma().INT_CH[kChannel];
  // The SPI is done; the last bytes may still be on their way through the DMA.
  const bool stored =
      ended && SpinUntil([&] { return (interrupts.RAW & DMA_INT::IN_SUC_EOF) != 0; }, kByteSpins);
  Dma().CH[kChannel].IN_LINK = DMA_IN_LINK::STOP;
  Spi2().DMA_CONF = 0;
  if (!ended) return Status::kTimeout;
  return stored && (interrupts.RAW & kDmaFailures) == 0 ? Status::kOk : Status::kBusError;
}

}  // namespace hal
