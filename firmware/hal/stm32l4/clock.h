// The clock tree: MSI 4 MHz into the PLL, 80 MHz out.
#pragma once

#include <cstdint>

namespace stm32l4 {

inline constexpr std::uint32_t kMsiHz = 4'000'000;  // range 6, the reset value
inline constexpr std::uint32_t kPllM = 1;
inline constexpr std::uint32_t kPllN = 40;  // VCO 160 MHz: within 64..344 (datasheet, PLL)
inline constexpr std::uint32_t kPllR = 2;
inline constexpr std::uint32_t kSysclkHz = kMsiHz / kPllM * kPllN / kPllR;
static_assert(kSysclkHz == 80'000'000);

/// Sets voltage range, flash latency and PLL for 80 MHz; AHB and both APBs run undivided.
void StartClocks();

/// Switches back to the PLL after Stop 2, which leaves the chip on the MSI.
void RestoreClocks();

}  // namespace stm32l4
