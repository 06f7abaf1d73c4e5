// The devices on the I2C bus of this firmware. The driver of a further one adds it here.
#pragma once

#include <cstdint>

namespace hal {

enum class I2cSpeed : std::uint8_t {
  kStandard,  ///< 100 kHz
  kFast,      ///< 400 kHz
};

/// A device on the bus; its value is its place in kI2cDevices.
enum class I2cDevice : std::uint8_t { kCamera };

struct I2cDeviceInfo {
  std::uint8_t address;  ///< 7 bits
  I2cSpeed fastest;      ///< the fastest clock that the device can follow
};

inline constexpr I2cDeviceInfo kI2cDevices[] = {
    // The OV2640's SCCB, 0x60 to write and 0x61 to read. It takes 400 kHz, but the resistance of
    // the module's pull-ups is not specified.
    {0x30, I2cSpeed::kStandard},
};

}  // namespace hal
