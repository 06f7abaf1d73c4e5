// Scales a sum of products to an int8 output, rounded as in TFLite's integer kernels.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernel/fixed_point.h"

namespace kernel {

/// round(round(sum * significand / 2^31 * 2^left) / 2^right), both away from zero at one half.
///
/// Bit for bit tflite::MultiplyByQuantizedMultiplier (kernels/internal/common.h), for a significand
/// that is not negative and a shift from -31 to 30. There each rounding looks at the sign; here
/// they are shifts:
/// - gemmlowp's SaturatingRoundingDoublingHighMul adds 2^30 or 1 - 2^30 and cuts towards zero. That
///   is floor((product + 2^30) / 2^31) for either sign.
/// - RoundingDivideByPOT rounds halves away from zero: those of negative numbers are taken down by
///   subtracting 1 first. `high` is above -2^31, since the significand is below 2^31.
inline std::int32_t Requantize(std::int32_t sum, FixedPoint scale) {
  if (scale.shift > 0) {
    sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) << scale.shift);
  }
  const auto high = static_cast<std::int32_t>(
      (static_cast<std::int64_t>(sum) * scale.significand + (std::int64_t{1} << 30)) >> 31);
  if (scale.shift >= 0) return high;
  const std::int32_t down = high + (high >> 31);
  return (down >> -scale.shift) + ((down >> (-scale.shift - 1)) & 1);
}

}  // namespace kernel
