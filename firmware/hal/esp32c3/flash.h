// Sets how the cache reads the flash.
#pragma once

namespace esp32c3 {

/// Sets SPI0 to DIO at half of the 80 MHz clock and empties the cache.
///
/// The setting that the ROM leaves for an image without a header is not documented. DIO works with
/// either value of the flash's QE bit (QIO boot-loops on some DevKitM-1). ESP-IDF takes 40 MHz for
/// such images; 80 MHz has been seen unstable with the flash inside the chip.
void StartFlash();

}  // namespace esp32c3
