#include "kernel/conv_2d.h"

#include <cstddef>

#include "kernel/convolution_operator.h"
#include "kernel/four.h"
#include "tensorflow/lite/c/builtin_op_data.h"

namespace kernel {

namespace {

// Adds the products of a run with the weights of four channels, which are `stride` apart.
inline Four AddRun(const std::int8_t* x, const std::int8_t* w, std::ptrdiff_t stride, int length,
                   std::int32_t offset, Four sum) {
  const Offsets offsets(offset);
  for (int words = length / 4; words > 0; --words, x += 4, w += 4) {
    const FourBytes values(x, offsets);
    sum.a = values.Dot(FourBytes(w), sum.a);
    sum.b = values.Dot(FourBytes(w + stride), sum.b);
    sum.c = values.Dot(FourBytes(w + 2 * stride), sum.c);
    sum.d = values.Dot(FourBytes(w + 3 * stride), sum.d);
  }
  for (int rest = length % 4; rest > 0; --rest, ++x, ++w) {
    const std::int32_t value = *x + offset;
    sum.a += value * w[0];
    sum.b += value * w[stride];
    sum.c += value * w[2 * stride];
    sum.d += value * w[3 * stride];
  }
  return sum;
}

// The same with the weights of one channel.
inline std::int32_t AddRun(const std::int8_t* x, const std::int8_t* w, std::ptrdiff_t, int length,
                           std::int32_t offset, std::int32_t sum) {
  for (; length > 0; --length) sum += (*x++ + offset) * *w++;
  return sum;
}

// All pixels of four output channels (Sums is Four) or of one (std::int32_t), from `channel` on.
// Channels outside and pixels inside: the weights of a few channels stay in the flash's cache.
template <class Sums>
void ConvolveChannels(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                      const ChannelScales& scale, int channel) {
  const Axis height = shape.height;
  const Axis width = shape.width;
  const int depth = shape.input_channels;
  const int row = width.input * depth;          // of the input
  const int kernel_row = width.kernel * depth;  // of the weights
  const int stride = height.kernel * kernel_row;
  const std::int32_t offset = -shape.input_zero_point;
  const std::int8_t* const weights = tensors.weights + channel * stride;
  const Sums bias = BiasOf<Sums>(tensors.bias, channel);
  const std::int8_t* image = tensors.input;
  std::int8_t* output = tensors.output + channel;
  for (int batch = 0; batch < shape.batches; ++batch, image += height.input * row) {
    for (int y = 0; y < height.output; ++y) {
      const int top = height.Origin(y);
      const Taps rows = height.Inside(top);
      for (int x = 0; x < width.output; ++x, output += shape.output_channels) {
        const int left = width.Origin(x);
        const Taps columns = width.Inside(left);
        Sums sum = bias;
        for (int ky = rows.begin; ky < rows.end; ++ky) {
          const std::int8_t* in = image + (top + ky * height.dilation) * row +
                                  (left + columns.begin * width.dilation) * depth;
          const std::int8_t* w = weights + ky * kernel_row + columns.begin * depth;
          if (width.dilation == 1) {
            sum = AddRun(in, w, stride, (columns.end - columns.begin) * depth, offset, sum);
            continue;
          }
          for (int kx = columns.begin; kx < columns.end; ++kx, w += depth) {
            sum = AddRun(in, w, stride, depth, offset, sum);
            in += width.dilation * depth;
          }
        }
        Store(shape, scale, channel, sum, output);
      }
    }
  }
}

}  // namespace

void Conv2DInt8(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                const ChannelScales& scale) {
  int channel = 0;
  for (; channel + 4 <= shape.output_channels; channel += 4) {
    ConvolveChannels<Four>(shape, tensors, scale, channel);
  }
  for (; channel < shape.output_channels; ++channel) {
    ConvolveChannels<std::int32_t>(shape, tensors, scale, channel);
  }
}

namespace {

constexpr int kOutputChannelsOfWeights = 0;  // dimension

}  // namespace

TfLiteRegistration* RegisterConv2D() {
  return ConvolutionOperator<TfLiteConvParams, kOutputChannelsOfWeights,
                             Conv2DInt8>::Registration();
}

}  // namespace kernel
