// I2C1, the bus of hal/i2c.h, and its pins.
#pragma once

#include "hal/common/i2c_bus.h"
#include "this_board.h"

namespace stm32l4 {

struct I2c1Controller {
  static void ConnectPins() {
    pins::I2cScl::MakeAlternate(pins::kI2cSclFunction, PinDrive::kOpenDrain);
    pins::I2cSda::MakeAlternate(pins::kI2cSdaFunction, PinDrive::kOpenDrain);
  }

  static void DisconnectPins() {
    pins::I2cScl::MakeAnalog();
    pins::I2cSda::MakeAnalog();
  }

  /// Clocks I2C1 and sets its speed.
  static void Start();

  /// Stops I2C1 and its clock.
  static void Stop();

  /// Sets the speed while I2C1 runs.
  static void ChangeSpeed();
};

using I2c1Bus = hal::I2cBus<I2c1Controller>;

}  // namespace stm32l4
