#include "app/preprocess.h"

#include "model_input.h"

namespace app {

QuantizationTable::QuantizationTable(Quantization input) : quantized_() {
  for (int luma = 0; luma < 256; ++luma) {
    quantized_[static_cast<std::size_t>(luma)] = QuantizeLuma(luma, model_bundle::kPixels, input);
  }
}

void FilterRowPair(const std::uint8_t* yuyv, const QuantizationTable& table, std::int8_t* row) {
  constexpr std::uint32_t kNext = driver::ov2640::kBytesPerPixel;  // the next pixel's luma
  const std::uint8_t* upper = yuyv;
  const std::uint8_t* lower = yuyv + kFrameRowBytes;
  for (std::uint32_t x = 0; x < kImageSide; ++x, upper += 2 * kNext, lower += 2 * kNext) {
    const std::uint32_t sum = std::uint32_t{upper[0]} + upper[kNext] + lower[0] + lower[kNext];
    row[x] = table[static_cast<std::uint8_t>((sum + 2) >> 2)];
  }
}

}  // namespace app
