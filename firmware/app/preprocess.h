// Converts the sensor's bytes into the model's input.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "app/image.h"

namespace app {

/// The quantization of a tensor: real = scale * (q - zero_point).
struct Quantization {
  float scale;
  std::int32_t zero_point;
};

/// The real numbers that a model takes for luma levels: (luma / divisor - shift - mean) / std.
struct PixelRange {
  float divisor;
  float shift;
  float mean;
  float std;
};

/// Quantizes a luma level 0..255 for a model's input.
///
/// Rounds as TFLite does (AffineQuantize, reference/quantize.h): a division of floats,
/// halves away from zero, then the zero point.
inline std::int8_t QuantizeLuma(int luma, const PixelRange& pixels, const Quantization& input) {
  const float real =
      (static_cast<float>(luma) / pixels.divisor - pixels.shift - pixels.mean) / pixels.std;
  const auto q = static_cast<std::int32_t>(std::lround(real / input.scale)) + input.zero_point;
  return static_cast<std::int8_t>(std::clamp<std::int32_t>(
      q, std::numeric_limits<std::int8_t>::min(), std::numeric_limits<std::int8_t>::max()));
}

/// The input value of each luma level, for the model in the firmware.
class QuantizationTable {
 public:
  explicit QuantizationTable(Quantization input);
  std::int8_t operator[](std::uint8_t luma) const { return quantized_[luma]; }

 private:
  std::array<std::int8_t, 256> quantized_;
};

/// Filters two rows of YUYV, kRowPairBytes, into one row of the image, kImageSide pixels.
///
/// A pixel is the mean of a 2 x 2 box of luma, rounded half up: (a + b + c + d + 2) >> 2.
void FilterRowPair(const std::uint8_t* yuyv, const QuantizationTable& table, std::int8_t* row);

}  // namespace app
