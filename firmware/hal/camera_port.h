// The camera module's socket: its power switch, its chip select, its two buses.
#pragma once

namespace hal {

/// Switches the module's supply on, waits until it is alive, then connects the buses.
void CameraPowerOn();

/// Disconnects the buses (pins to analog, so that nothing feeds the module through them), then
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
