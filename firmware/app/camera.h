// The camera: switch it on, take one image, switch it off.
#pragma once

#include <cstdint>

#include "app/decision.h"
#include "app/preprocess.h"
#include "driver/camera_error.h"

namespace app {

/// The camera's supply, on during the lifetime of the object.
class PoweredCamera {
 public:
  /// `cost` includes the time to switch it on.
  explicit PoweredCamera(PhaseCost* cost);
  ~PoweredCamera();
  PoweredCamera(const PoweredCamera&) = delete;
  PoweredCamera& operator=(const PoweredCamera&) = delete;

  /// Sets the camera up, lets exposure settle, takes one frame into the FIFO.
  driver::CameraError Capture();

  /// Reads the frame and filters it into `image`, kImagePixels.
  driver::CameraError ReadOut(const QuantizationTable& table, std::int8_t* image,
                              DecisionCost* cost);
};

}  // namespace app
