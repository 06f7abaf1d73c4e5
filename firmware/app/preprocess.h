// From the sensor's bytes to the model's numbers.
#pragma once

#include <array>
#include <cstdint>

#include "app/image.h"

namespace app {

/// How a model writes real numbers as int8: real = scale * (q - zero_point).
struct Quantization {
  float scale;
  std::int32_t zero_point;
};

/// What each luma level 0..255 becomes at a model's input, whose real value is luma / 255.
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
