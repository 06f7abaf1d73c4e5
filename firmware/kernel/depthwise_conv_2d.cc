#include "kernel/depthwise_conv_2d.h"

#include "kernel/convolution_operator.h"
#include "kernel/four.h"
#include "tensorflow/lite/c/builtin_op_data.h"

namespace kernel {

namespace {

inline void AddTap(const std::int8_t* x, const std::int8_t* w, std::int32_t offset, Four* sum) {
  FourBytes(x, Offsets(offset)).MultiplyAdd(FourBytes(w), sum);
}

inline void AddTap(const std::int8_t* x, const std::int8_t* w, std::int32_t offset,
                   std::int32_t* sum) {
  *sum += (*x + offset) * *w;
}

// All pixels of four output channels (Sums is Four) or of one (std::int32_t), from `channel` on.
// Channels outside and pixels inside: the weights of a few channels stay in the flash's cache.
template <class Sums>
void ConvolveChannels(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                      const ChannelScales& scale, int channel) {
  const Axis height = shape.height;
  const Axis width = shape.width;
  const int depth = shape.input_channels;
  const int outputs = shape.output_channels;
  const int row = width.input * depth;            // of the input
  const int kernel_row = width.kernel * outputs;  // of the weights
  const int step = width.dilation * depth;        // from tap to tap
  const std::int32_t offset = -shape.input_zero_point;
  const std::int8_t* const weights = tensors.weights + channel;
  const Sums bias = BiasOf<Sums>(tensors.bias, channel);
  const std::int8_t* image = tensors.input + channel / (outputs / depth);
  std::int8_t* output = tensors.output + channel;
  for (int batch = 0; batch < shape.batches; ++batch, image += height.input * row) {
    for (int y = 0; y < height.output; ++y) {
      const int top = height.Origin(y);
      const Taps rows = height.Inside(top);
      for (int x = 0; x < width.output; ++x, output += outputs) {
        const int left = width.Origin(x);
        const Taps columns = width.Inside(left);
        Sums sum = bias;
        for (int ky = rows.begin; ky < rows.end; ++ky) {
          const std::int8_t* in =
              image + (top + ky * height.dilation) * row + left * depth + columns.begin * step;
          const std::int8_t* w = weights + ky * kernel_row + columns.begin * outputs;
          for (int kx = columns.begin; kx < columns.end; ++kx, in += step, w += outputs) {
            AddTap(in, w, offset, &sum);
          }
        }
        Store(shape, scale, channel, sum, output);
      }
    }
  }
}

}  // namespace

void DepthwiseConv2DInt8(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                         const ChannelScales& scale) {
  int channel = 0;
  if (shape.input_channels == shape.output_channels) {
    for (; channel + 4 <= shape.output_channels; channel += 4) {
      ConvolveChannels<Four>(shape, tensors, scale, channel);
    }
  }
  for (; channel < shape.output_channels; ++channel) {
    ConvolveChannels<std::int32_t>(shape, tensors, scale, channel);
  }
}

namespace {

constexpr int kOutputChannelsOfWeights = 3;  // dimension

}  // namespace

TfLiteRegistration* RegisterDepthwiseConv2D() {
  return ConvolutionOperator<TfLiteDepthwiseConvParams, kOutputChannelsOfWeights,
                             DepthwiseConv2DInt8>::Registration();
}

}  // namespace kernel
