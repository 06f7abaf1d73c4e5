// Common code of CONV_2D and DEPTHWISE_CONV_2D for int8: geometry and quantization.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernel/fixed_point.h"
#include "kernel/requantize.h"
#include "tensorflow/lite/c/builtin_op_data.h"
#include "tensorflow/lite/c/common.h"

namespace kernel {

/// The range of the kernel's taps that are inside the image, for one output pixel.
struct Taps {
  int begin;
  int end;
};

/// The distances between taps and between output pixels along one dimension.
struct Step {
  int stride;    ///< input pixels from one output pixel to the next
  int dilation;  ///< input pixels from one tap to the next
};

/// One of the two dimensions that a kernel moves along.
struct Axis {
  int input;     ///< pixels of the input
  int kernel;    ///< taps
  int stride;    ///< input pixels from one output pixel to the next
  int dilation;  ///< input pixels from one tap to the next
  int padding;   ///< distance of the first output pixel's first tap from the image
  int output;    ///< pixels of the output

  /// The input pixel under the first tap of an output pixel; negative in the padding.
  int Origin(int pixel) const { return pixel * stride - padding; }

  /// The taps inside the image if the first one is at `origin`. Pixels outside count as zero.
  Taps Inside(int origin) const {
    const int begin = origin < 0 ? DivideUp(-origin, dilation) : 0;
    const int end = origin + (kernel - 1) * dilation < input ? kernel
                    : origin < input                         ? DivideUp(input - origin, dilation)
                                                             : 0;
    return {std::min(begin, end), end};
  }

 private:
  static int DivideUp(int a, int b) { return (a + b - 1) / b; }
};

/// The parameters of a convolution.
struct ConvolutionShape {
  int batches;
  Axis height;
  Axis width;
  int input_channels;
  int output_channels;
  std::int32_t input_zero_point;
  std::int32_t output_zero_point;
  std::int32_t activation_min;
  std::int32_t activation_max;
};

/// The multiplier of each output channel, as significand and shift of TFLite.
struct ChannelScales {
  const std::int32_t* significand;
  const std::int32_t* shift;

  FixedPoint operator[](int channel) const { return {significand[channel], shift[channel]}; }
};

/// The int8 output of a channel for its sum of products and bias.
inline std::int8_t OutputOf(const ConvolutionShape& shape, const ChannelScales& scale, int channel,
                            std::int32_t sum) {
  return static_cast<std::int8_t>(
      std::clamp(Requantize(sum, scale[channel]) + shape.output_zero_point, shape.activation_min,
                 shape.activation_max));
}

/// The data of a convolution in the arena; the same size as in TFLite Micro's own kernels.
struct ConvolutionData {
  TfLitePaddingValues padding;
  std::int32_t* significand;
  std::int32_t* shift;
  std::int32_t input_zero_point;
  std::int32_t output_zero_point;
  std::int32_t activation_min;
  std::int32_t activation_max;
};

/// A convolution's tensors, for its Invoke.
struct ConvolutionTensors {
  const std::int8_t* input;
  const std::int8_t* weights;
  const std::int32_t* bias;  ///< null if there is none
  std::int8_t* output;
};

/// Init of both operators: room for ConvolutionData.
void* InitConvolution(TfLiteContext* context, const char*, std::size_t);

/// Checks types and sizes and prepares padding and multipliers, as TFLite Micro's conv.cc does.
///
/// Input, weights and output are of four dimensions, with height and width in the middle.
/// `channel_dimension` is that of the weights along which the output channels lie.
TfLiteStatus PrepareConvolution(TfLiteContext* context, TfLiteNode* node, int channel_dimension,
                                TfLitePadding padding, TfLiteFusedActivation activation,
                                Step height, Step width);

/// The parameters of a prepared node.
ConvolutionShape ShapeOf(TfLiteContext* context, const TfLiteNode* node, Step height, Step width);

/// The multipliers of a prepared node.
ChannelScales ScalesOf(const TfLiteNode* node);

/// The tensors of a node.
ConvolutionTensors TensorsOf(TfLiteContext* context, const TfLiteNode* node);

}  // namespace kernel
