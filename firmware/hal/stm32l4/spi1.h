#pragma once

namespace stm32l4 {

/// Clocks SPI1 and DMA1, sets mode 0 at 5 MHz. The pins are the caller's.
void StartSpi1();

/// Stops both and their clocks.
void StopSpi1();

}  // namespace stm32l4
