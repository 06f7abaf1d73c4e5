// What is wired where on the ESP32-C3-DevKitM-1 with the camera module.
#pragma once

#include "hal/esp32c3/pin.h"

namespace esp32c3::pins {

// UART0 to the board's USB bridge, IO MUX function 0.
using ConsoleTx = Pin<21>;
using ConsoleRx = Pin<20>;

// I2C0, the bus of hal/i2c_devices.h, through the matrix. The pull-ups are on the camera module.
using I2cScl = Pin<5>;
using I2cSda = Pin<4>;

// SPI2 to the camera's FIFO, past the matrix.
using CameraSck = Pin<6>;
using CameraMiso = Pin<2>;
using CameraMosi = Pin<7>;

using CameraChipSelect = Pin<10>;  // active low
using CameraPower = Pin<3>;        // high-side switch, active high; its gate is pulled down

}  // namespace esp32c3::pins
