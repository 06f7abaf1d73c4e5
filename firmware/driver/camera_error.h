// The errors of the camera.
#pragma once

namespace driver {

enum class CameraError {
  kNone,
  kAbsent,   ///< no answer on SPI or SCCB, or not an OV2640
  kTimeout,  ///< it answers, but no frame arrives
  kFrame,    ///< a frame arrived, but not of the size asked for
  kBus,      ///< a transfer failed
};

/// Code for the report: "camera_absent", "camera_timeout", ...
constexpr const char* CodeOf(CameraError error) {
  switch (error) {
    case CameraError::kNone:
      return "none";
    case CameraError::kAbsent:
      return "camera_absent";
    case CameraError::kTimeout:
      return "camera_timeout";
    case CameraError::kFrame:
      return "camera_frame";
    case CameraError::kBus:
      return "camera_bus";
  }
  return "camera";
}

/// A description for the report.
constexpr const char* MeaningOf(CameraError error) {
  switch (error) {
    case CameraError::kNone:
      return "";
    case CameraError::kAbsent:
      return "no camera answers: check its power and wiring";
    case CameraError::kTimeout:
      return "the camera answers, but sends no frame";
    case CameraError::kFrame:
      return "the camera sent a frame of another size";
    case CameraError::kBus:
      return "a transfer from the camera failed";
  }
  return "";
}

}  // namespace driver
