#pragma once

namespace esp32c3 {

/// Clocks SPI2 and the DMA, sets mode 0 at 6.7 MHz. The pins are the caller's.
void StartSpi2();

/// Stops both and their clocks.
void StopSpi2();

}  // namespace esp32c3
