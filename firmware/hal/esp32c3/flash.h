// How the cache reads the flash.
#pragma once

namespace esp32c3 {

/// Sets SPI0 to DIO at half of the 80 MHz clock and empties the cache.
///
/// What the ROM leaves SPI0 at for an image without a header is not documented. DIO works whatever
/// the flash's QE bit says (QIO boot-loops on some DevKitM-1), and 40 MHz is what ESP-IDF chooses
/// for such images; 80 MHz has been seen unstable with the flash inside the chip.
void StartFlash();

}  // namespace esp32c3
