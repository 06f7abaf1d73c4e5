#include "app/preprocess.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace app {
namespace {

// The scale and zero point that today's converter gives an input of 0..1; the host's build takes
// that range.
constexpr Quantization kUsual{1.0F / 255.0F, -128};

TEST(QuantizationTable, TheUsualScaleIsAShiftOf128) {
  const QuantizationTable table(kUsual);
  for (int luma = 0; luma < 256; ++luma) {
    EXPECT_EQ(table[static_cast<std::uint8_t>(luma)], luma - 128);
  }
}

constexpr PixelRange kUnit{255.0F, 0.0F, 0.0F, 1.0F};
constexpr PixelRange kPlain{1.0F, 0.0F, 0.0F, 1.0F};
constexpr PixelRange kSigned{127.5F, 1.0F, 0.0F, 1.0F};

TEST(QuantizeLuma, RoundsToTheNearestStep) {
  // 0.01 a step: luma 1 is 0.392 steps, 2 is 0.784, 4 is 1.569.
  const Quantization input{0.01F, 0};
  EXPECT_EQ(QuantizeLuma(0, kUnit, input), 0);
  EXPECT_EQ(QuantizeLuma(1, kUnit, input), 0);
  EXPECT_EQ(QuantizeLuma(2, kUnit, input), 1);
  EXPECT_EQ(QuantizeLuma(4, kUnit, input), 2);
}

TEST(QuantizeLuma, ClampsToInt8) {
  EXPECT_EQ(QuantizeLuma(255, kUnit, {0.001F, 0}), 127);
  EXPECT_EQ(QuantizeLuma(0, kUnit, {1.0F, -200}), -128);
}

TEST(QuantizeLuma, TakesPixelsAsTheyAre) {
  for (int luma = 0; luma < 256; ++luma) {
    EXPECT_EQ(QuantizeLuma(luma, kPlain, {1.0F, -128}), luma - 128);
  }
}

TEST(QuantizeLuma, SpreadsPixelsFromMinusOneToOne) {
  const Quantization input{2.0F / 254.0F, 0};
  EXPECT_EQ(QuantizeLuma(0, kSigned, input), -127);
  EXPECT_EQ(QuantizeLuma(255, kSigned, input), 127);
  EXPECT_EQ(QuantizeLuma(127, kSigned, input), 0);   // -0.0039 is half a step
  EXPECT_EQ(QuantizeLuma(191, kSigned, input), 63);  // 0.498
}

TEST(QuantizeLuma, RoundsHalvesAwayFromZero) {
  const PixelRange halves{2.0F, 10.0F, 0.0F, 1.0F};
  EXPECT_EQ(QuantizeLuma(19, halves, {1.0F, 0}), -1);  // -0.5
  EXPECT_EQ(QuantizeLuma(21, halves, {1.0F, 0}), 1);   // 0.5
}

TEST(QuantizeLuma, SubtractsTheMeanAndDividesByTheDeviation) {
  const PixelRange normalized{255.0F, 0.0F, 0.5F, 0.25F};
  EXPECT_EQ(QuantizeLuma(0, normalized, {1.0F / 64, 0}), -128);
  EXPECT_EQ(QuantizeLuma(255, normalized, {1.0F / 32, 0}), 64);
}

class FilterRowPairTest : public ::testing::Test {
 protected:
  // Luma of the pixel at (x, row); chroma, every other byte, is noise that must not matter.
  FilterRowPairTest() { frame_.fill(0xA5); }
  void Set(std::uint32_t x, std::uint32_t row, std::uint8_t luma) {
    frame_[row * kFrameRowBytes + 2 * x] = luma;
  }
  std::array<std::int8_t, kImageSide> Filtered() const {
    std::array<std::int8_t, kImageSide> row{};
    FilterRowPair(frame_.data(), QuantizationTable(kUsual), row.data());
    return row;
  }

 private:
  std::array<std::uint8_t, kRowPairBytes> frame_{};
};

TEST_F(FilterRowPairTest, APixelIsTheMeanOfItsFour) {
  for (std::uint32_t x = 0; x < 2 * kImageSide; ++x) {
    Set(x, 0, static_cast<std::uint8_t>(2 * x));
    Set(x, 1, static_cast<std::uint8_t>(2 * x + 40));
  }
  const auto row = Filtered();
  for (std::uint32_t x = 0; x < kImageSide; ++x) {
    // Pixels 2x and 2x + 1: 4x, 4x + 2, 4x + 40, 4x + 42.
    EXPECT_EQ(row[x], static_cast<int>(4 * x + 21) - 128) << x;
  }
}

TEST_F(FilterRowPairTest, HalvesRoundUp) {
  const std::array<std::array<std::uint8_t, 4>, 4> boxes{
      {{0, 0, 0, 1}, {0, 0, 1, 1}, {0, 1, 1, 1}, {255, 255, 255, 255}}};
  const std::array<int, 4> means{0, 1, 1, 255};  // 0.25, 0.5, 0.75, 255
  for (std::uint32_t x = 0; x < 2 * kImageSide; ++x) {
    for (std::uint32_t row = 0; row < 2; ++row) Set(x, row, 7);
  }
  for (std::uint32_t i = 0; i < boxes.size(); ++i) {
    Set(2 * i, 0, boxes[i][0]);
    Set(2 * i + 1, 0, boxes[i][1]);
    Set(2 * i, 1, boxes[i][2]);
    Set(2 * i + 1, 1, boxes[i][3]);
  }
  const auto row = Filtered();
  for (std::uint32_t i = 0; i < boxes.size(); ++i) EXPECT_EQ(row[i], means[i] - 128) << i;
  EXPECT_EQ(row[kImageSide - 1], 7 - 128);
}

}  // namespace
}  // namespace app
