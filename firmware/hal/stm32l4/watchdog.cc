#include "hal/watchdog.h"

#include "hal/common/spin.h"
#include "hal/stm32l4/registers/iwdg.h"

namespace stm32l4 {
namespace {

// The IWDG counts LSI / 256, down from 4095: 4096 · 256 / 32 kHz = 32.8 s. The LSI may run at up
// to 34 kHz (datasheet, LSI over voltage and temperature): 30.8 s.
constexpr std::uint32_t kReload = 0xFFF;
static_assert(hal::kWatchdogPeriodMs < (kReload + 1) * 256ULL * 1000 / 34'000);

// PR and RLR pass into the LSI's domain within 5 of its cycles (RM0351, 36.4.4): 170 µs.
constexpr std::uint32_t kUpdateSpins = 100'000;

}  // namespace
}  // namespace stm32l4

namespace hal {

void WatchdogStart() {
  using namespace stm32l4;
  auto& iwdg = Iwdg();
  iwdg.KR = IWDG_KR::START;
  iwdg.KR = IWDG_KR::ACCESS;
  iwdg.PR = IWDG_PR::DIV_256;
  iwdg.RLR = kReload;
  hal::SpinUntil([&] { return iwdg.SR == 0; }, kUpdateSpins);
  WatchdogRefresh();
}

void WatchdogRefresh() { stm32l4::Iwdg().KR = stm32l4::IWDG_KR::REFRESH; }

}  // namespace hal
