// The OV2640 image sensor, set up over SCCB for one small gray picture.
//
// Registers: OV2640 datasheet 1.8 (tables 12 and 13) and OV2640 Camera Module Software Application
// Notes 1.03. Many that matter are "reserved" there; their values are the vendor's, the same in
// every public driver (Linux's ov2640.c, ArduCAM's library, OpenMV's).
#pragma once

#include <cstdint>

#include "driver/camera_error.h"

namespace driver::ov2640 {

/// The frame that the sensor is set up for: YUYV, so luma is every other byte, from the first.
inline constexpr std::uint32_t kFrameWidth = 96;
inline constexpr std::uint32_t kFrameHeight = 96;
inline constexpr std::uint32_t kBytesPerPixel = 2;
inline constexpr std::uint32_t kFrameBytes = kFrameWidth * kFrameHeight * kBytesPerPixel;

/// Time for exposure and gain to settle after Start(), ms.
///
/// The control loop corrects once a frame and is near its target after five to ten; at 30 frames a
/// second ten take 333 ms.
inline constexpr std::uint32_t kExposureSettleMs = 340;

/// Checks the chip's identity, resets it, and writes the set-up. kAbsent if there is no acknowledge
/// or the identity is another chip's.
CameraError Start();

}  // namespace driver::ov2640
