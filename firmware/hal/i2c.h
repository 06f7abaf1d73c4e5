// The I2C bus, which the devices of hal/i2c_devices.h share.
//
// A device opens the bus before its first transfer and closes it after its last. The bus runs while
// a device has it open, at the speed of the slowest of them: a device must be able to follow every
// transfer on its bus (UM10204, 5.1). The last close stops the bus and disconnects its pins, so
// that they do not feed a device without supply.
//
// A device whose supply is switched off while others use the bus is fed through its pins all the
// same. Such a device needs a switch in its bus lines, or a bus of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/i2c_devices.h"
#include "hal/status.h"

namespace hal {

/// Opens the bus for a device; it has no effect while the device has the bus open.
void I2cOpen(I2cDevice device);

/// Closes the bus for a device; it has no effect while the device does not have the bus open.
void I2cClose(I2cDevice device);

/// Most bytes of one transfer: the ESP32-C3's FIFO takes 32, one of which is the address.
inline constexpr std::size_t kI2cMaxBytes = 31;

namespace i2c {

/// What each chip implements; `size` is 1 (Write: 0) to kI2cMaxBytes.
Status Write(std::uint8_t address, const std::uint8_t* data, std::size_t size);
Status Read(std::uint8_t address, std::uint8_t* data, std::size_t size);

constexpr std::uint8_t AddressOf(I2cDevice device) {
  return kI2cDevices[static_cast<std::size_t>(device)].address;
}

}  // namespace i2c

/// Sends `size` bytes, at most kI2cMaxBytes, to a device that has the bus open.
inline Status I2cWrite(I2cDevice device, const std::uint8_t* data, std::size_t size) {
  const bool fits = size <= kI2cMaxBytes;
  return fits ? i2c::Write(i2c::AddressOf(device), data, size) : Status::kBusError;
}

/// Receives `size` bytes, 1 to kI2cMaxBytes, from a device that has the bus open.
inline Status I2cRead(I2cDevice device, std::uint8_t* data, std::size_t size) {
  const bool fits = size > 0 && size <= kI2cMaxBytes;
  return fits ? i2c::Read(i2c::AddressOf(device), data, size) : Status::kBusError;
}

}  // namespace hal
