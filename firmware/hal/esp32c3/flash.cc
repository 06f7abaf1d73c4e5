#include "hal/esp32c3/flash.h"

#include <cstdint>

#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/extmem.h"
#include "hal/esp32c3/registers/flash_spi.h"

namespace esp32c3 {
namespace {

constexpr std::uint32_t kDivider = 2;  // of 80 MHz
constexpr std::uint32_t kAddressBits = 24;
constexpr std::uint32_t kDummyClocks = 4;  // of the command 0xBB: mode bits, two lines

constexpr std::uint32_t kWindowBytes = 8U << 20;
constexpr std::uint32_t kFlashWindow = 0x42000000;

}  // namespace

// In SRAM1: there is no flash to fetch from while its port changes.
ESP32C3_IRAM void StartFlash() {
  auto& cache = Extmem();
  cache.ICACHE_CTRL = cache.ICACHE_CTRL & ~EXTMEM_ICACHE_CTRL::ICACHE_ENABLE;
  while ((cache.CACHE_STATE & EXTMEM_CACHE_STATE::ICACHE_STATE_Msk) != EXTMEM_CACHE_STATE::IDLE) {
  }

  auto& spi = FlashSpi();
  constexpr std::uint32_t kModes = SPI_MEM_CTRL::FREAD_DUAL | SPI_MEM_CTRL::FREAD_QUAD |
                                   SPI_MEM_CTRL::FREAD_DIO | SPI_MEM_CTRL::FREAD_QIO;
  spi.CTRL = (spi.CTRL & ~kModes) | SPI_MEM_CTRL::FASTRD_MODE | SPI_MEM_CTRL::FREAD_DIO |
             SPI_MEM_CTRL::FDUMMY_OUT | SPI_MEM_CTRL::D_POL | SPI_MEM_CTRL::Q_POL;
  spi.CTRL2 = spi.CTRL2 & ~SPI_MEM_CTRL2::CS_TIMES_Msk;
  spi.USER = spi.USER | SPI_MEM_USER::CS_HOLD | SPI_MEM_USER::CS_SETUP | SPI_MEM_USER::USR_DUMMY;
  spi.USER1 = (kDummyClocks - 1) << SPI_MEM_USER1::DUMMY_CYCLELEN_Pos |
              (kAddressBits - 1) << SPI_MEM_USER1::ADDR_BITLEN_Pos;
  // The command goes by the mode.
  spi.CACHE_FCTRL = spi.CACHE_FCTRL & ~SPI_MEM_CACHE_FCTRL::CACHE_FLASH_USR_CMD;
  spi.CORE_CLK_SEL = (spi.CORE_CLK_SEL & ~SPI_MEM_CORE_CLK_SEL::SPI01_CLK_SEL_Msk) |
                     SPI_MEM_CORE_CLK_SEL::SPI01_CLK_SEL_80M;
  spi.CLOCK = SPI_MEM_CLOCK::Divide(kDivider);

  cache.ICACHE_SYNC_ADDR = kFlashWindow;
  cache.ICACHE_SYNC_SIZE = kWindowBytes - 1;  // 23 bits
  cache.ICACHE_SYNC_CTRL = EXTMEM_ICACHE_SYNC_CTRL::ICACHE_INVALIDATE_ENA;
  while ((cache.ICACHE_SYNC_CTRL & EXTMEM_ICACHE_SYNC_CTRL::ICACHE_SYNC_DONE) == 0) {
  }
  cache.ICACHE_CTRL = cache.ICACHE_CTRL | EXTMEM_ICACHE_CTRL::ICACHE_ENABLE;
}

}  // namespace esp32c3
