// The ArduChip of an ArduCAM Mini 2MP Plus: a frame FIFO between the sensor and SPI.
//
// Registers and timing: ArduCAM Mini 2MP Plus hardware application note, "ArduChip register table"
// and "SPI bus timing". A command byte, bit 7 set to write, then one data byte; a burst reads on
// for as long as the chip is selected. Unlike the older 2MP, the Plus sends no dummy byte first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "driver/camera_error.h"
#include "hal/camera_port.h"

namespace driver::arducam {

/// Writes two patterns to the test register and reads them back; kAbsent if they differ.
CameraError Probe();

/// Empties the FIFO and lets the next whole frame into it.
CameraError StartCapture();

/// Whether that frame has ended.
bool CaptureDone();

/// Bytes in the FIFO; 0 if it cannot be read.
std::uint32_t FifoLength();

/// Reads the FIFO from its start, piece by piece, while the object lives.
class Burst {
 public:
  Burst();

  /// Starts to fill `buffer` in the background; Finish() before the next.
  void StartRead(std::uint8_t* buffer, std::size_t size);

  /// Sleeps until the buffer is full.
  CameraError Finish();

 private:
  hal::CameraSelect select_;
  bool failed_ = false;
};

}  // namespace driver::arducam
