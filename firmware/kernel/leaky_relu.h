// LEAKY_RELU for int8: negative values are multiplied by alpha.
#pragma once

#include <cstdint>

#include "kernel/fixed_point.h"
#include "tensorflow/lite/c/common.h"

namespace kernel {

/// The parameters of a leaky ReLU.
struct LeakyReluShape {
  int values;
  std::int32_t input_zero_point;
  std::int32_t output_zero_point;
  FixedPoint positive;  ///< input scale / output scale
  FixedPoint negative;  ///< the same times alpha
};

/// output[i] = clamp(round(multiplier * (input[i] - zp_in)) + zp_out), the multiplier by the sign
void LeakyReluInt8(const LeakyReluShape& shape, const std::int8_t* input, std::int8_t* output);

/// The operator for TFLite Micro's resolver.
///
/// Bit-exact with today's reference kernels (tflite-micro, leaky_relu.h). The crate has none.
TfLiteRegistration* RegisterLeakyRelu();

}  // namespace kernel
