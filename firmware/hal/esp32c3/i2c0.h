// I2C0, the bus of hal/i2c.h, and its pins.
#pragma once

#include "hal/common/i2c_users.h"
#include "hal/esp32c3/pins.h"

namespace esp32c3 {

/// Clocks I2C0 and sets its speed. Its pins are the caller's.
void StartI2c0();

/// Stops I2C0 and its clock.
void StopI2c0();

/// Sets the speed while I2C0 runs.
void ChangeI2c0Speed();

inline void OpenI2c0(hal::I2cDevice device) {
  switch (hal::I2cUsers::Open(device)) {
    case hal::I2cUsers::Action::kStart:
      pins::I2cScl::MakeOpenDrain(MatrixSignal::kI2cExt0Scl);
      pins::I2cSda::MakeOpenDrain(MatrixSignal::kI2cExt0Sda);
      return StartI2c0();
    case hal::I2cUsers::Action::kChangeSpeed:
      return ChangeI2c0Speed();
    default:
      return;
  }
}

inline void CloseI2c0(hal::I2cDevice device) {
  switch (hal::I2cUsers::Close(device)) {
    case hal::I2cUsers::Action::kStop:
      StopI2c0();
      pins::I2cScl::Disconnect();
      pins::I2cSda::Disconnect();
      return;
    case hal::I2cUsers::Action::kChangeSpeed:
      return ChangeI2c0Speed();
    default:
      return;
  }
}

}  // namespace esp32c3
