// I2C1, the bus of hal/i2c.h, and its pins.
#pragma once

#include "hal/common/i2c_users.h"
#include "this_board.h"

namespace stm32l4 {

/// Clocks I2C1 and sets its speed. Its pins are the caller's.
void StartI2c1();

/// Stops I2C1 and its clock.
void StopI2c1();

/// Sets the speed while I2C1 runs.
void ChangeI2c1Speed();

inline void OpenI2c1(hal::I2cDevice device) {
  switch (hal::I2cUsers::Open(device)) {
    case hal::I2cUsers::Action::kStart:
      pins::I2cScl::MakeAlternate(pins::kI2cFunction, PinDrive::kOpenDrain);
      pins::I2cSda::MakeAlternate(pins::kI2cFunction, PinDrive::kOpenDrain);
      return StartI2c1();
    case hal::I2cUsers::Action::kChangeSpeed:
      return ChangeI2c1Speed();
    default:
      return;
  }
}

inline void CloseI2c1(hal::I2cDevice device) {
  switch (hal::I2cUsers::Close(device)) {
    case hal::I2cUsers::Action::kStop:
      StopI2c1();
      pins::I2cScl::MakeAnalog();
      pins::I2cSda::MakeAnalog();
      return;
    case hal::I2cUsers::Action::kChangeSpeed:
      return ChangeI2c1Speed();
    default:
      return;
  }
}

}  // namespace stm32l4
