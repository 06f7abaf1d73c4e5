#pragma once

#include <cstdint>

namespace stm32l4 {

/// What start-up fills the stack with; a word that differs was in use.
inline constexpr std::uint32_t kStackPaint = 0x5AFE57AC;

}  // namespace stm32l4
