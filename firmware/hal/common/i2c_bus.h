// The I2C bus apart from the chip: which devices have it open, and what follows for the bus.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/i2c_devices.h"

namespace hal {
namespace i2c {

inline constexpr std::size_t kDeviceCount = sizeof kI2cDevices / sizeof *kI2cDevices;

constexpr bool AllHaveOneSpeed() {
  for (const I2cDeviceInfo& device : kI2cDevices) {
    if (device.fastest != kI2cDevices[0].fastest) return false;
  }
  return true;
}

}  // namespace i2c

/// What is known when the program is built costs nothing when it runs: with one device on the bus
/// there is nothing to count, with one speed nothing to choose.
class I2cUsers {
 public:
  /// The action of the bus after a device opened or closed it.
  enum class Action { kNothing, kStart, kChangeSpeed, kStop };

  static Action Open(I2cDevice device) {
    if constexpr (kOneDevice) return Action::kStart;
    return Change(open_ | MaskOf(device));
  }

  static Action Close(I2cDevice device) {
    if constexpr (kOneDevice) return Action::kStop;
    return Change(open_ & ~MaskOf(device));
  }

  /// The speed of the slowest device that has the bus open.
  static I2cSpeed Speed() {
    if constexpr (kOneSpeed) return kI2cDevices[0].fastest;
    return SpeedOf(open_);
  }

 private:
  using Mask = std::uint32_t;

  static constexpr bool kOneDevice = i2c::kDeviceCount == 1;
  static constexpr bool kOneSpeed = i2c::AllHaveOneSpeed();
  static_assert(i2c::kDeviceCount <= 32);

  static Mask MaskOf(I2cDevice device) { return Mask{1} << static_cast<Mask>(device); }

  static I2cSpeed SpeedOf(Mask open) {
    for (std::size_t i = 0; i < i2c::kDeviceCount; ++i) {
      const bool is_open = (open & (Mask{1} << i)) != 0;
      if (is_open && kI2cDevices[i].fastest == I2cSpeed::kStandard) return I2cSpeed::kStandard;
    }
    return I2cSpeed::kFast;
  }

  static Action Change(Mask open) {
    const Mask before = open_;
    open_ = open;
    if (before == open) return Action::kNothing;
    if (before == 0) return Action::kStart;
    if (open == 0) return Action::kStop;
    return SpeedOf(before) == SpeedOf(open) ? Action::kNothing : Action::kChangeSpeed;
  }

  static inline Mask open_ = 0;
};

/// I2cOpen() and I2cClose() for a chip, whose `Controller` connects the pins, starts and stops.
template <typename Controller>
struct I2cBus {
  static void Open(I2cDevice device) {
    switch (I2cUsers::Open(device)) {
      case I2cUsers::Action::kStart:
        Controller::ConnectPins();
        return Controller::Start();
      case I2cUsers::Action::kChangeSpeed:
        return Controller::ChangeSpeed();
      default:
        return;
    }
  }

  static void Close(I2cDevice device) {
    switch (I2cUsers::Close(device)) {
      case I2cUsers::Action::kStop:
        Controller::Stop();
        return Controller::DisconnectPins();
      case I2cUsers::Action::kChangeSpeed:
        return Controller::ChangeSpeed();
      default:
        return;
    }
  }
};

}  // namespace hal
