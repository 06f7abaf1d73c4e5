// The camera module's socket: its power switch, its chip select, its SPI bus.
#pragma once

namespace hal {

/// Switches the module's supply on, waits until it has started, opens the I2C bus and connects SPI.
void CameraPowerOn();

/// Closes the I2C bus, disconnects SPI (pins to analog, so that they do not feed the module), then
/// switches the supply off.
void CameraPowerOff();

/// Selects the module on SPI for as long as the object lives.
class CameraSelect {
 public:
  CameraSelect();
  ~CameraSelect();
  CameraSelect(const CameraSelect&) = delete;
  CameraSelect& operator=(const CameraSelect&) = delete;
};

}  // namespace hal
