// Layers of every path through the convolutions, by our kernels and by TFLite's reference, on a
// core with nothing around it. What test_kernels_on_cores.py reads: `layers` done, `values`
// compared, `wrong` ones, `done`.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernel/conv_2d.h"
#include "kernel/depthwise_conv_2d.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/conv.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h"
#include "tensorflow/lite/kernels/internal/types.h"

extern "C" {
volatile std::uint32_t layers, values, wrong, done;

void Main();
void unexpected() {
  for (;;) {
  }
}

#ifdef __arm__
void start() { Main(); }
[[gnu::section(".vectors"), gnu::used]] void* const vectors[] = {
    reinterpret_cast<void*>(0x2000'1000), reinterpret_cast<void*>(start)};
#else
[[gnu::section(".start"), gnu::used, gnu::naked]] void start() {
  asm volatile("la sp, 0x3FC90000\n j Main");
}
#endif
}

// TFLite's RuntimeShape takes memory for more than five dimensions; there are none.
void* operator new[](std::size_t) { __builtin_trap(); }
void operator delete[](void*) noexcept {}
void operator delete[](void*, std::size_t) noexcept {}

namespace {

using kernel::Axis;

constexpr int kMost = 1024;
std::int8_t input[kMost], weights[kMost], output[kMost], expected[kMost];
constexpr int kMostChannels = 16;
std::int32_t bias[kMostChannels], significand[kMostChannels], shift[kMostChannels];
std::uint32_t state;

// A linear congruential generator (Numerical Recipes, "an even quicker generator"): its upper bits.
std::int32_t Any(std::int32_t low, std::int32_t high) {
  state = state * 1664525 + 1013904223;
  return low + static_cast<std::int32_t>((state >> 8) % static_cast<std::uint32_t>(high - low + 1));
}

void Fill(std::int8_t* tensor, int count, std::int32_t low) {
  for (int i = 0; i < count; ++i) tensor[i] = static_cast<std::int8_t>(Any(low, 127));
}

Axis AxisOf(int pixels, int kernel, int stride, int dilation, bool same) {
  const int reach = (kernel - 1) * dilation + 1;
  const int result = same ? (pixels + stride - 1) / stride : (pixels + stride - reach) / stride;
  return {pixels, kernel, stride, dilation, std::max(0, (result - 1) * stride + reach - pixels) / 2,
          result};
}

template <class Params>
Params ParamsOf(const kernel::ConvolutionShape& shape) {
  Params params{};
  params.padding_values.height = static_cast<std::int16_t>(shape.height.padding);
  params.padding_values.width = static_cast<std::int16_t>(shape.width.padding);
  params.stride_height = static_cast<std::int16_t>(shape.height.stride);
  params.stride_width = static_cast<std::int16_t>(shape.width.stride);
  params.dilation_height_factor = static_cast<std::int16_t>(shape.height.dilation);
  params.dilation_width_factor = static_cast<std::int16_t>(shape.width.dilation);
  params.input_offset = -shape.input_zero_point;
  params.output_offset = shape.output_zero_point;
  params.quantized_activation_min = shape.activation_min;
  params.quantized_activation_max = shape.activation_max;
  return params;
}

tflite::RuntimeShape Dims(int a, int b, int c, int d) {
  tflite::RuntimeShape shape(4);
  const int sizes[] = {a, b, c, d};
  for (int i = 0; i < 4; ++i) shape.SetDim(i, sizes[i]);
  return shape;
}

void Compare(bool depthwise, int kernel_size, int stride, int dilation, bool same, int inputs,
             int outputs) {
  const std::int32_t zero_points[] = {-128, -5, 127};
  kernel::ConvolutionShape shape{1,
                                 AxisOf(6, kernel_size, stride, dilation, same),
                                 AxisOf(5, kernel_size, stride, dilation, same),
                                 inputs,
                                 outputs,
                                 zero_points[layers % 3],
                                 Any(-20, 20),
                                 -128,
                                 Any(60, 127)};
  const int taps = kernel_size * kernel_size * (depthwise ? 1 : inputs);
  Fill(input, shape.height.input * shape.width.input * inputs, -128);
  Fill(weights, taps * outputs, -127);
  int right = 6;
  for (int n = taps; n > 1; n /= 4) ++right;
  for (int channel = 0; channel < outputs; ++channel) {
    bias[channel] = Any(-10'000, 10'000);
    significand[channel] = (1 << 30) + (Any(0, (1 << 22) - 1) << 8);
    shift[channel] = Any(-1, 1) - right;
  }
  const kernel::ConvolutionTensors tensors{input, weights, bias, output};
  const kernel::ChannelScales scale{significand, shift};
  const auto in = Dims(1, shape.height.input, shape.width.input, inputs);
  const auto out = Dims(1, shape.height.output, shape.width.output, outputs);
  const auto biases = Dims(1, 1, 1, outputs);
  if (depthwise) {
    auto params = ParamsOf<tflite::DepthwiseParams>(shape);
    params.depth_multiplier = static_cast<std::int16_t>(outputs / inputs);
    kernel::DepthwiseConv2DInt8(shape, tensors, scale);
    tflite::reference_integer_ops::DepthwiseConvPerChannel(
        params, significand, shift, in, input, Dims(1, kernel_size, kernel_size, outputs), weights,
        biases, bias, out, expected);
  } else {
    kernel::Conv2DInt8(shape, tensors, scale);
    tflite::reference_integer_ops::ConvPerChannel(
        ParamsOf<tflite::ConvParams>(shape), significand, shift, in, input,
        Dims(outputs, kernel_size, kernel_size, inputs), weights, biases, bias, out, expected);
  }
  const int count = shape.height.output * shape.width.output * outputs;
  for (int i = 0; i < count; ++i) wrong = wrong + (output[i] != expected[i]);
  values = values + static_cast<std::uint32_t>(count);
  layers = layers + 1;
}

}  // namespace

void Main() {
  state = 5;
  for (const int kernel_size : {1, 3}) {
    for (const int channels : {1, 3, 4, 6, 8}) {
      for (const bool same : {true, false}) {
        for (const int stride : {1, 2}) {
          Compare(false, kernel_size, stride, 1, same, channels, 4);
          Compare(true, kernel_size, stride, 1, same, channels, channels);
        }
      }
      Compare(false, kernel_size, 1, 1, true, channels, 7);
      Compare(true, kernel_size, 1, 2, true, channels, channels);
      Compare(true, kernel_size, 1, 1, true, channels, 2 * channels);
    }
  }
  done = 1;
  for (;;) {
  }
}
