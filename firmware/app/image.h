// Sizes of the picture, from the sensor to the model.
#pragma once

#include <cstdint>

#include "driver/ov2640.h"

namespace app {

/// Side of the model's input, pixels.
inline constexpr std::uint32_t kImageSide = 48;
inline constexpr std::uint32_t kImagePixels = kImageSide * kImageSide;

/// Side of the square of sensor pixels that is averaged to one pixel of the image.
inline constexpr std::uint32_t kBoxSide = 2;
static_assert(driver::ov2640::kFrameWidth == kImageSide * kBoxSide);
static_assert(driver::ov2640::kFrameHeight == kImageSide * kBoxSide);

/// Bytes of one row of the frame, and of the two that make one row of the image.
inline constexpr std::uint32_t kFrameRowBytes =
    driver::ov2640::kFrameWidth * driver::ov2640::kBytesPerPixel;
inline constexpr std::uint32_t kRowPairBytes = kBoxSide * kFrameRowBytes;

}  // namespace app
