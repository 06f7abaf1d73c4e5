#pragma once

namespace stm32l4 {

/// Clocks I2C1, sets it to 100 kHz. Its pins are the caller's.
void StartI2c1();

/// Stops I2C1 and its clock.
void StopI2c1();

}  // namespace stm32l4
