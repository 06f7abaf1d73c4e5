#pragma once

#include <cstdint>

namespace hal {

/// The pattern that start-up fills the stack with; a word that differs was in use.
inline constexpr std::uint32_t kStackPaint = 0x5AFE57AC;

}  // namespace hal
