// MEAN for int8 over height and width: global average pooling.
#pragma once

#include <cstdint>

#include "tensorflow/lite/c/common.h"

namespace kernel {

/// The parameters of the mean.
struct MeanShape {
  int batches;
  int pixels;  ///< height * width
  int channels;
  std::int32_t input_zero_point;
  std::int32_t output_zero_point;
  std::int32_t significand;  ///< of input scale / output scale, divided by `pixels`
  int shift;
};

/// Folds 1 / pixels into a multiplier significand / 2^31 * 2^shift, as the reference rounds it.
void DivideMultiplier(std::int64_t pixels, std::int32_t* significand, int* shift);

/// output[b, c] = clamp(round(multiplier * sum_p (in[b, p, c] - zp_in)) + zp_out)
void MeanInt8(const MeanShape& shape, const std::int8_t* input, std::int8_t* output);

/// The operator for TFLite Micro's resolver: four dimensions in, axes 1 and 2, kept or not.
///
/// Bit-exact with today's reference kernels (tflite-micro, reduce.h, QuantizedMeanOrSum). The
/// crate's own kernel has float only.
TfLiteRegistration* RegisterMean();

}  // namespace kernel
