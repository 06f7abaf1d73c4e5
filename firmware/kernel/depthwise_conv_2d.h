// DEPTHWISE_CONV_2D for int8, weights quantized per tensor or per output channel.
#pragma once

#include "kernel/convolution.h"
#include "tensorflow/lite/c/common.h"

namespace kernel {

/// output[b, y, x, o] = clamp(round(scale[o] * (bias[o] + sum_t w[t, o] * (in[.., t, i] - zp_in)))
/// + zp_out), with taps t over kernel height and width and i = o / (output channels / input
/// channels)
///
/// `weights` is [1, kernel height, kernel width, output channels], symmetric.
void DepthwiseConv2DInt8(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                         const ChannelScales& scale);

/// The operator for TFLite Micro's resolver.
///
/// Bit-exact with the reference kernel (TFLite's integer_ops/depthwise_conv.h), and several times
/// faster: four channels at a time where each input channel has one output channel.
TfLiteRegistration* RegisterDepthwiseConv2D();

}  // namespace kernel
