#include "hal/esp32c3/clock.h"

#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/system.h"

namespace esp32c3 {
namespace {

void SelectSource(std::uint32_t source, std::uint32_t divider) {
  auto& conf = System().SYSCLK_CONF;
  constexpr std::uint32_t kMask =
      SYSTEM_SYSCLK_CONF::SOC_CLK_SEL_Msk | SYSTEM_SYSCLK_CONF::PRE_DIV_CNT_Msk;
  conf = (conf & ~kMask) | source | (divider - 1);
}

}  // namespace

// In SRAM1: the flash's clock changes with the core's source.
ESP32C3_IRAM void StartCpuClock() {
  if constexpr (kCpuHz <= kXtalHz) {
    SelectSource(SYSTEM_SYSCLK_CONF::SOC_CLK_SEL_XTAL, kXtalHz / kCpuHz);
  } else {
    // The ROM leaves the PLL running at 480 MHz. The divider first: it counts once the source is
    // the PLL.
    auto& conf = System().CPU_PER_CONF;
    conf = (conf & ~SYSTEM_CPU_PER_CONF::CPUPERIOD_SEL_Msk) | SYSTEM_CPU_PER_CONF::PLL_FREQ_SEL |
           (kCpuHz == 160'000'000 ? SYSTEM_CPU_PER_CONF::CPUPERIOD_SEL_160M
                                  : SYSTEM_CPU_PER_CONF::CPUPERIOD_SEL_80M);
    SelectSource(SYSTEM_SYSCLK_CONF::SOC_CLK_SEL_PLL, 1);
  }
}

ESP32C3_IRAM void LeavePll() { SelectSource(SYSTEM_SYSCLK_CONF::SOC_CLK_SEL_XTAL, 1); }

}  // namespace esp32c3
