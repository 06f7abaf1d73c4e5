#include "hal/stm32l4/clock.h"

#include "hal/board.h"
#include "hal/common/spin.h"
#include "hal/stm32l4/registers/flash.h"
#include "hal/stm32l4/registers/pwr.h"
#include "hal/stm32l4/registers/rcc.h"

namespace stm32l4 {
namespace {

// Datasheet: PLL lock 40 µs, regulator to range 1 20 µs, MSI ready 15 µs. At 80 MHz, the fastest
// that a spin can be, a turn is some 10 cycles: 100,000 turns are 12 ms.
constexpr std::uint32_t kClockSpins = 100'000;

void SwitchToPll() {
  auto& rcc = Rcc();
  rcc.CR |= RCC_CR::PLLON;
  if (!hal::SpinUntil([&] { return (rcc.CR & RCC_CR::PLLRDY) != 0; }, kClockSpins)) hal::Reset();
  rcc.CFGR = (rcc.CFGR & ~RCC_CFGR::SW_Msk) | RCC_CFGR::SW_PLL;
  if (!hal::SpinUntil([&] { return (rcc.CFGR & RCC_CFGR::SWS_Msk) == RCC_CFGR::SWS_PLL; },
                      kClockSpins)) {
    hal::Reset();
  }
}

}  // namespace

void StartClocks() {
  auto& rcc = Rcc();
  rcc.APB1ENR1 |= RCC_APB1ENR1::PWREN;
  (void)rcc.APB1ENR1;  // a clock is there two cycles after its bit (RM0351, 6.2.18)

  // Range 1 allows up to 80 MHz; it is the reset value, yet a debugger may have left another.
  auto& pwr = Pwr();
  pwr.CR1 = (pwr.CR1 & ~PWR_CR1::VOS_Msk) | PWR_CR1::VOS_RANGE1;
  if (!hal::SpinUntil([&] { return (pwr.SR2 & PWR_SR2::VOSF) == 0; }, kClockSpins)) hal::Reset();

  // 4 wait states for 64..80 MHz at range 1 (RM0351, table 12); they must count before the clock
  // rises, hence the read-back (3.3.3). The ART accelerator's caches and prefetch hide most.
  auto& flash = Flash();
  flash.ACR = FLASH_ACR::LATENCY_4WS | FLASH_ACR::PRFTEN | FLASH_ACR::ICEN | FLASH_ACR::DCEN;
  if (!hal::SpinUntil(
          [&] { return (flash.ACR & FLASH_ACR::LATENCY_Msk) == FLASH_ACR::LATENCY_4WS; },
          kClockSpins)) {
    hal::Reset();
  }

  // The MSI stays on its factory trim (±1 % at 30 °C, datasheet; 8N1 stands about ±4 %). Its
  // PLL-mode would tie it to the crystal, but it settles over seconds, and this program stops and
  // starts the MSI every few.
  rcc.PLLCFGR = RCC_PLLCFGR::PLLSRC_MSI | ((kPllM - 1) << RCC_PLLCFGR::PLLM_Pos) |
                (kPllN << RCC_PLLCFGR::PLLN_Pos) | ((kPllR / 2 - 1) << RCC_PLLCFGR::PLLR_Pos) |
                RCC_PLLCFGR::PLLREN;
  SwitchToPll();
}

void RestoreClocks() { SwitchToPll(); }

}  // namespace stm32l4
