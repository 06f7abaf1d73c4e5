// The kernels' arithmetic, compared with values computed by hand. test_kernels_equal_wheel.py
// compares whole models with the tflite-micro wheel.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "kernel/fully_connected.h"
#include "kernel/leaky_relu.h"
#include "kernel/mean.h"

namespace kernel {
namespace {

constexpr FixedPoint kHalf{1 << 30, 0};  // 2^30 / 2^31
constexpr FixedPoint kQuarter{1 << 30, -1};
constexpr FixedPoint kTwo{1 << 30, 2};

constexpr FullyConnectedShape kShape{/*batches=*/1,           /*inputs=*/3,
                                     /*outputs=*/2,           /*input_zero_point=*/-10,
                                     /*output_zero_point=*/5, /*activation_min=*/-128,
                                     /*activation_max=*/127};

TEST(FullyConnected, EachChannelHasItsOwnScale) {
  const std::array<std::int8_t, 3> input{-10, 0, 10};  // 0, 10, 20 above the zero point
  const std::array<std::int8_t, 6> weights{1, 2, 3, -1, -2, -3};
  const std::array<std::int32_t, 2> bias{4, -4};
  const std::array<FixedPoint, 2> scale{kHalf, kQuarter};
  std::array<std::int8_t, 2> output{};
  FullyConnectedInt8(kShape, input.data(), weights.data(), bias.data(), scale.data(),
                     output.data());
  EXPECT_EQ(output[0], (4 + 80) / 2 + 5);
  EXPECT_EQ(output[1], (-4 - 80) / 4 + 5);
}

TEST(FullyConnected, ScalesAboveOneAndNoBias) {
  const std::array<std::int8_t, 3> input{-9, -10, -10};
  const std::array<std::int8_t, 6> weights{3, 100, 100, -3, 100, 100};
  const std::array<FixedPoint, 2> scale{kTwo, kTwo};
  std::array<std::int8_t, 2> output{};
  FullyConnectedInt8(kShape, input.data(), weights.data(), nullptr, scale.data(), output.data());
  EXPECT_EQ(output[0], 3 * 2 + 5);
  EXPECT_EQ(output[1], -3 * 2 + 5);
}

TEST(FullyConnected, ClampsToItsActivationAndGoesThroughBatches) {
  FullyConnectedShape shape = kShape;
  shape.batches = 2;
  shape.activation_min = 5;  // RELU: nothing below the zero point
  shape.activation_max = 20;
  const std::array<std::int8_t, 6> input{127, 127, 127, -10, -10, -9};
  const std::array<std::int8_t, 6> weights{127, 127, 127, -127, -127, -127};
  const std::array<FixedPoint, 2> scale{kHalf, kHalf};
  std::array<std::int8_t, 4> output{};
  FullyConnectedInt8(shape, input.data(), weights.data(), nullptr, scale.data(), output.data());
  EXPECT_EQ(output, (std::array<std::int8_t, 4>{20, 5, 20, 5}));
}

constexpr LeakyReluShape kLeaky{/*values=*/4, /*input_zero_point=*/-10,
                                /*output_zero_point=*/5,
                                /*positive=*/{1 << 30, 1},  // 1
                                /*negative=*/kQuarter};

TEST(LeakyRelu, ScalesWhatIsNegativeByTheSlope) {
  const std::array<std::int8_t, 4> input{-10, 30, -50, -11};  // 0, 40, -40, -1 from the zero point
  std::array<std::int8_t, 4> output{};
  LeakyReluInt8(kLeaky, input.data(), output.data());
  EXPECT_EQ(output, (std::array<std::int8_t, 4>{5, 40 + 5, -10 + 5, 5}));
}

TEST(LeakyRelu, ClampsToInt8) {
  LeakyReluShape shape = kLeaky;
  shape.values = 2;
  shape.positive = kTwo;
  shape.negative = kTwo;
  const std::array<std::int8_t, 2> input{127, -128};
  std::array<std::int8_t, 2> output{};
  LeakyReluInt8(shape, input.data(), output.data());
  EXPECT_EQ(output, (std::array<std::int8_t, 2>{127, -128}));
}

TEST(Mean, AveragesEachChannelOverItsPixels) {
  MeanShape shape{/*batches=*/1,
                  /*pixels=*/4,
                  /*channels=*/2,
                  /*input_zero_point=*/-1,
                  /*output_zero_point=*/3,
                  /*significand=*/1 << 30,
                  /*shift=*/1};  // scales are equal: a multiplier of 1
  DivideMultiplier(shape.pixels, &shape.significand, &shape.shift);
  const std::array<std::int8_t, 8> input{-1, 10, 3, 20, 7, 30, 11, 40};
  std::array<std::int8_t, 2> output{};
  MeanInt8(shape, input.data(), output.data());
  EXPECT_EQ(output[0], (0 + 4 + 8 + 12) / 4 + 3);
  EXPECT_EQ(output[1], (11 + 21 + 31 + 41) / 4 + 3);
}

TEST(Mean, ClampsToInt8) {
  MeanShape shape{1, 2, 1, 0, 100, 1 << 30, 1};
  DivideMultiplier(shape.pixels, &shape.significand, &shape.shift);
  const std::array<std::int8_t, 2> input{127, 127};
  std::int8_t output = 0;
  MeanInt8(shape, input.data(), &output);
  EXPECT_EQ(output, 127);
}

TEST(Mean, AQuotientKeepsItsBits) {
  std::int32_t significand = 1 << 30;
  int shift = 1;
  DivideMultiplier(144, &significand, &shift);  // 2^7 <= 144 < 2^8
  EXPECT_EQ(shift, 1 - 7);
  EXPECT_EQ(significand, static_cast<std::int32_t>((std::int64_t{1} << 37) / 144));
}

}  // namespace
}  // namespace kernel
