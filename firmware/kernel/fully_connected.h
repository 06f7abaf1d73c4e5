// FULLY_CONNECTED for int8, weights quantized per tensor or per output channel.
#pragma once

#include <cstdint>

#include "kernel/fixed_point.h"
#include "tensorflow/lite/c/common.h"

namespace kernel {

/// The parameters of a fully connected layer.
struct FullyConnectedShape {
  int batches;
  int inputs;
  int outputs;
  std::int32_t input_zero_point;
  std::int32_t output_zero_point;
  std::int32_t activation_min;
  std::int32_t activation_max;
};

/// output[b, o] = clamp(round(scale[o] * (bias[o] + sum_i w[o, i] * (in[b, i] - zp_in))) + zp_out)
///
/// `weights` is [outputs, inputs], symmetric; `bias` is [outputs] or null; `scale` is [outputs].
void FullyConnectedInt8(const FullyConnectedShape& shape, const std::int8_t* input,
                        const std::int8_t* weights, const std::int32_t* bias,
                        const FixedPoint* scale, std::int8_t* output);

/// The operator for TFLite Micro's resolver.
///
/// Bit-exact with today's reference kernels (tflite-micro, fully_connected.h). The crate's own
/// kernel takes the first channel's scale for all channels, and today's converter makes one for
/// each.
TfLiteRegistration* RegisterFullyConnected();

}  // namespace kernel
