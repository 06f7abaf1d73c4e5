// Real multipliers in the form that TFLite's integer kernels use.
#pragma once

#include <cstdint>

namespace kernel {

/// A real multiplier: significand / 2^31 * 2^shift.
struct FixedPoint {
  std::int32_t significand;
  int shift;
};

}  // namespace kernel
