// CONV_2D and DEPTHWISE_CONV_2D against TFLite's reference kernels, on random layers.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <vector>

#include "kernel/conv_2d.h"
#include "kernel/depthwise_conv_2d.h"
#include "kernel/requantize.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/conv.h"
#include "tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h"
#include "tensorflow/lite/kernels/internal/types.h"

namespace kernel {
namespace {

constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();

TEST(Requantize, IsTheReferencesDoubleRounding) {
  std::mt19937 random(1);
  std::vector<std::int32_t> sums{kLowest, kLowest + 1, -1, 0, 1, kHighest - 1, kHighest};
  for (int bit = 1; bit < 31; ++bit) {
    for (const int near : {-1, 0, 1}) {
      sums.push_back((1 << bit) + near);
      sums.push_back(-(1 << bit) + near);
    }
  }
  for (int i = 0; i < 2000; ++i) {
    sums.push_back(static_cast<std::int32_t>(random()) >> (i % 31));
  }
  std::vector<std::int32_t> significands{0, 1 << 30, (1 << 30) + 1, kHighest - 1, kHighest};
  for (int i = 0; i < 20; ++i) {
    significands.push_back(static_cast<std::int32_t>((1u << 30) | (random() >> 2)));
  }
  for (const std::int32_t sum : sums) {
    for (const std::int32_t significand : significands) {
      for (int shift = -31; shift <= 8; ++shift) {
        // Beyond, the reference's own left shift overflows.
        if (shift > 0 && (sum > (kHighest >> shift) || sum < (kLowest >> shift))) continue;
        ASSERT_EQ(Requantize(sum, {significand, shift}),
                  tflite::MultiplyByQuantizedMultiplier(sum, significand, shift))
            << sum << " * " << significand << " / 2^31 * 2^" << shift;
      }
    }
  }
}

/// A layer's sizes; padding as "same" makes it, or none.
struct Layer {
  int input_height, input_width, inputs, outputs;
  int kernel, stride;
  bool same;
  int dilation = 1;
  int batches = 1;
  std::int32_t input_zero_point = -3;
  std::int32_t output_zero_point = 5;
  std::int32_t activation_min = -128;
  std::int32_t activation_max = 127;
};

std::ostream& operator<<(std::ostream& out, const Layer& l) {
  return out << l.input_height << " x " << l.input_width << " x " << l.inputs << " to " << l.outputs
             << ", kernel " << l.kernel << ", stride " << l.stride << ", dilation " << l.dilation
             << (l.same ? ", same" : ", valid") << ", zero point " << l.input_zero_point;
}

Axis AxisOf(const Layer& layer, int input) {
  const int reach = (layer.kernel - 1) * layer.dilation + 1;
  const int output = layer.same ? (input + layer.stride - 1) / layer.stride
                                : (input + layer.stride - reach) / layer.stride;
  const int padding = std::max(0, (output - 1) * layer.stride + reach - input) / 2;
  return {input, layer.kernel, layer.stride, layer.dilation, padding, output};
}

ConvolutionShape ShapeOf(const Layer& layer) {
  return {layer.batches,
          AxisOf(layer, layer.input_height),
          AxisOf(layer, layer.input_width),
          layer.inputs,
          layer.outputs,
          layer.input_zero_point,
          layer.output_zero_point,
          layer.activation_min,
          layer.activation_max};
}

/// Random data for a layer, and its outputs by both kernels.
class Comparison {
 public:
  Comparison(const Layer& layer, bool depthwise)
      : layer_(layer), depthwise_(depthwise), shape_(ShapeOf(layer)) {
    const int taps = layer.kernel * layer.kernel * (depthwise ? 1 : layer.inputs);
    input_.resize(layer.batches * layer.input_height * layer.input_width * layer.inputs);
    weights_.resize(taps * layer.outputs);
    output_.resize(layer.batches * shape_.height.output * shape_.width.output * layer.outputs);
    expected_.resize(output_.size());
    for (std::int8_t& value : input_) value = Any(-128, 127);
    for (std::int8_t& value : weights_) value = Any(-127, 127);
    int shift = -6;  // the sums' spread is about 127 * 127 / 3 * sqrt(taps)
    for (int n = taps; n > 1; n /= 4) --shift;
    for (int channel = 0; channel < layer.outputs; ++channel) {
      bias_.push_back(Any(-10'000, 10'000));
      significand_.push_back(static_cast<std::int32_t>((1u << 30) | (random_() >> 2)));
      shift_.push_back(shift + Any(-1, 1));
    }
  }

  void Expect() {
    Reference();
    Own(bias_.data());
    EXPECT_EQ(output_, expected_) << layer_;
    const auto [low, high] = std::minmax_element(expected_.begin(), expected_.end());
    EXPECT_LT(*low, *high) << "all outputs are equal: " << layer_;
    // No bias is a bias of zero.
    std::fill(bias_.begin(), bias_.end(), 0);
    Reference();
    Own(nullptr);
    EXPECT_EQ(output_, expected_) << layer_ << ", no bias";
  }

 private:
  int Any(int low, int high) { return low + static_cast<int>(random_() % (high - low + 1)); }

  void Own(const std::int32_t* bias) {
    const ConvolutionTensors tensors{input_.data(), weights_.data(), bias, output_.data()};
    const ChannelScales scale{significand_.data(), shift_.data()};
    std::fill(output_.begin(), output_.end(), std::int8_t{99});
    depthwise_ ? DepthwiseConv2DInt8(shape_, tensors, scale) : Conv2DInt8(shape_, tensors, scale);
  }

  template <class Params>
  Params ReferenceParams() const {
    Params params{};
    params.padding_values.height = static_cast<std::int16_t>(shape_.height.padding);
    params.padding_values.width = static_cast<std::int16_t>(shape_.width.padding);
    params.stride_height = params.stride_width = static_cast<std::int16_t>(layer_.stride);
    params.dilation_height_factor = static_cast<std::int16_t>(layer_.dilation);
    params.dilation_width_factor = static_cast<std::int16_t>(layer_.dilation);
    params.input_offset = -layer_.input_zero_point;
    params.output_offset = layer_.output_zero_point;
    params.quantized_activation_min = layer_.activation_min;
    params.quantized_activation_max = layer_.activation_max;
    return params;
  }

  void Reference() {
    const Layer& l = layer_;
    const tflite::RuntimeShape input({l.batches, l.input_height, l.input_width, l.inputs});
    const tflite::RuntimeShape bias({l.outputs});
    const tflite::RuntimeShape output(
        {l.batches, shape_.height.output, shape_.width.output, l.outputs});
    if (depthwise_) {
      auto params = ReferenceParams<tflite::DepthwiseParams>();
      params.depth_multiplier = static_cast<std::int16_t>(l.outputs / l.inputs);
      tflite::reference_integer_ops::DepthwiseConvPerChannel(
          params, significand_.data(), shift_.data(), input, input_.data(),
          tflite::RuntimeShape({1, l.kernel, l.kernel, l.outputs}), weights_.data(), bias,
          bias_.data(), output, expected_.data());
    } else {
      tflite::reference_integer_ops::ConvPerChannel(
          ReferenceParams<tflite::ConvParams>(), significand_.data(), shift_.data(), input,
          input_.data(), tflite::RuntimeShape({l.outputs, l.kernel, l.kernel, l.inputs}),
          weights_.data(), bias, bias_.data(), output, expected_.data());
    }
  }

  Layer layer_;
  bool depthwise_;
  ConvolutionShape shape_;
  std::mt19937 random_{7};
  std::vector<std::int8_t> input_, weights_, output_, expected_;
  std::vector<std::int32_t> bias_, significand_, shift_;
};

constexpr std::array kChannels{1, 2, 3, 4, 5, 7, 8, 13, 16};
constexpr std::array kKernels{1, 2, 3, 5};

TEST(Conv2D, IsTheReferenceOnEveryKernelStrideAndNumberOfChannels) {
  for (const int kernel : kKernels) {
    for (const int stride : {1, 2, 3}) {
      for (const bool same : {true, false}) {
        for (const int inputs : kChannels) {
          for (const int outputs : {1, 3, 4, 9}) {
            Comparison({9, 7, inputs, outputs, kernel, stride, same}, false).Expect();
          }
        }
      }
    }
  }
}

TEST(DepthwiseConv2D, IsTheReferenceOnEveryKernelStrideAndNumberOfChannels) {
  for (const int kernel : kKernels) {
    for (const int stride : {1, 2, 3}) {
      for (const bool same : {true, false}) {
        for (const int channels : kChannels) {
          Comparison({9, 7, channels, channels, kernel, stride, same}, true).Expect();
        }
      }
    }
  }
}

TEST(DepthwiseConv2D, MakesSeveralOutputChannelsOfOneInputChannel) {
  for (const int inputs : {1, 3, 4}) {
    for (const int multiplier : {2, 4, 5}) {
      Comparison({8, 8, inputs, inputs * multiplier, 3, 1, true}, true).Expect();
    }
  }
}

TEST(Convolutions, TakeDilationBatchesAndImagesSmallerThanTheKernel) {
  for (const bool depthwise : {false, true}) {
    for (const int channels : {3, 4, 8}) {
      Comparison({11, 10, channels, channels, 3, 1, true, 2}, depthwise).Expect();
      Comparison({11, 10, channels, channels, 3, 2, false, 3}, depthwise).Expect();
      Comparison({5, 6, channels, channels, 3, 1, true, 1, 3}, depthwise).Expect();
      Comparison({2, 1, channels, channels, 5, 1, true}, depthwise).Expect();
      Comparison({2, 3, channels, channels, 5, 1, true, 2}, depthwise).Expect();
    }
  }
}

TEST(Convolutions, TakeEveryZeroPointAndActivation) {
  for (const bool depthwise : {false, true}) {
    for (const std::int32_t zero_point : {-128, -1, 0, 127}) {
      Layer layer{6, 6, 8, 8, 3, 1, true};
      layer.input_zero_point = zero_point;
      layer.output_zero_point = -zero_point / 2;
      Comparison(layer, depthwise).Expect();
      layer.activation_min = layer.output_zero_point;  // RELU
      Comparison(layer, depthwise).Expect();
      layer.activation_max = std::min(layer.activation_min + 40, 127);  // RELU6 of some scale
      Comparison(layer, depthwise).Expect();
    }
  }
}

}  // namespace
}  // namespace kernel
