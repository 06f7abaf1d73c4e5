#pragma once

namespace esp32c3 {

/// Clocks I2C0, sets it to 100 kHz. Its pins are the caller's.
void StartI2c0();

/// Stops I2C0 and its clock.
void StopI2c0();

}  // namespace esp32c3
