// The core's clock: 160 or 80 MHz from the PLL, 40 or 20 from the crystal.
#pragma once

#include <cstdint>

namespace esp32c3 {

inline constexpr std::uint32_t kXtalHz = 40'000'000;

/// Set by board_build.f_cpu in platformio.ini.
inline constexpr std::uint32_t kCpuHz = F_CPU;
static_assert(kCpuHz == 160'000'000 || kCpuHz == 80'000'000 || kCpuHz == 40'000'000 ||
                  kCpuHz == 20'000'000,
              "board_build.f_cpu: 160000000L, 80000000L, 40000000L or 20000000L");

/// Runs the core at kCpuHz. What the other parts here run from, the crystal, stays as it is.
void StartCpuClock();

/// Runs the core from the crystal, 40 MHz, as it must before the PLL goes.
void LeavePll();

}  // namespace esp32c3
