// The camera's control bus (SCCB, an I2C in all but name), 100 kHz.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/status.h"

namespace hal {

/// Sends `size` bytes to the 7-bit address.
Status I2cWrite(std::uint8_t address, const std::uint8_t* data, std::size_t size);

/// Receives `size` bytes from the 7-bit address.
Status I2cRead(std::uint8_t address, std::uint8_t* data, std::size_t size);

}  // namespace hal
