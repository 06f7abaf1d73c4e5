// I2C0, the bus of hal/i2c.h, and its pins.
#pragma once

#include "hal/common/i2c_bus.h"
#include "this_board.h"

namespace esp32c3 {

struct I2c0Controller {
  static void ConnectPins() {
    pins::I2cScl::MakeOpenDrain(kI2cExt0Scl);
    pins::I2cSda::MakeOpenDrain(kI2cExt0Sda);
  }

  static void DisconnectPins() {
    pins::I2cScl::Disconnect();
    pins::I2cSda::Disconnect();
  }

  /// Clocks I2C0 and sets its speed.
  static void Start();

  /// Stops I2C0 and its clock.
  static void Stop();

  /// Sets the speed while I2C0 runs.
  static void ChangeSpeed();
};

using I2c0Bus = hal::I2cBus<I2c0Controller>;

}  // namespace esp32c3
