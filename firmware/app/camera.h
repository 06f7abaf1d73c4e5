// The camera as the program wants it: on, one image, off.
#pragma once

#include <cstdint>

#include "app/decision.h"
#include "app/preprocess.h"
#include "driver/camera_error.h"

namespace app {

/// The camera's supply, on for as long as the object lives.
class PoweredCamera {
 public:
  /// Its switching on counts towards `cost`.
  explicit PoweredCamera(PhaseCost* cost);
  ~PoweredCamera();
  PoweredCamera(const PoweredCamera&) = delete;
  PoweredCamera& operator=(const PoweredCamera&) = delete;

  /// Sets the camera up, lets exposure settle, takes one frame into the FIFO.
  driver::CameraError Capture();

  /// Reads the frame and filters it on the way into `image`, kImagePixels.
  driver::CameraError ReadOut(const QuantizationTable& table, std::int8_t* image,
                              DecisionCost* cost);
};

}  // namespace app
