// The bus to the camera's FIFO: mode 0, most significant bit first, at most 8 MHz.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/status.h"

namespace hal {

/// Sends one byte and returns the one received meanwhile. Short enough to wait for awake.
Status SpiExchange(std::uint8_t out, std::uint8_t* in);

/// Starts to receive `size` bytes (1..65535) into `buffer` by DMA, sending zeros.
void SpiStartRead(std::uint8_t* buffer, std::size_t size);

/// Sleeps until the read that was started has ended.
Status SpiFinishRead();

}  // namespace hal
