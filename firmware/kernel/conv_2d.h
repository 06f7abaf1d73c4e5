// CONV_2D for int8, weights quantized per tensor or per output channel.
#pragma once

#include "kernel/convolution.h"
#include "tensorflow/lite/c/common.h"

namespace kernel {

/// output[b, y, x, o] = clamp(round(scale[o] * (bias[o] + sum_t w[o, t] * (in[.., t] - zp_in))) +
/// zp_out), with taps t over kernel height, width and input channels
///
/// `weights` is [output channels, kernel height, kernel width, input channels], symmetric.
void Conv2DInt8(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                const ChannelScales& scale);

/// The operator for TFLite Micro's resolver.
///
/// Bit-exact with the reference kernel (TFLite's integer_ops/conv.h), and several times faster:
/// four output channels at a time, each row of taps read in one pass, without index arithmetic
/// in the inner loop.
TfLiteRegistration* RegisterConv2D();

}  // namespace kernel
