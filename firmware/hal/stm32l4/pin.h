// One pin of a GPIO port.
#pragma once

#include <cstdint>

#include "hal/stm32l4/registers/gpio.h"

namespace stm32l4 {

enum class PinMode : std::uint32_t { kInput = 0, kOutput = 1, kAlternate = 2, kAnalog = 3 };
enum class PinPull : std::uint32_t { kNone = 0, kUp = 1, kDown = 2 };
enum class PinDrive : std::uint32_t { kPushPull = 0, kOpenDrain = 1 };
enum class PinSpeed : std::uint32_t { kLow = 0, kMedium = 1, kHigh = 2, kVeryHigh = 3 };

/// A pin by its port's base address and its number, e.g. `Pin<kGpioaBase, 5>` for PA5.
///
/// The port's clock must run (RCC_AHB2ENR) before any call.
template <std::uintptr_t kPort, std::uint32_t kNumber>
struct Pin {
  static_assert(kNumber < 16);

  static GpioRegisters& Port() { return *reinterpret_cast<GpioRegisters*>(kPort); }

  static void Set() { Port().BSRR = 1U << kNumber; }
  static void Clear() { Port().BSRR = 1U << (kNumber + 16); }
  static bool IsHigh() { return (Port().IDR & (1U << kNumber)) != 0; }

  /// Not driven, input buffer off: takes no current and gives none.
  static void MakeAnalog() {
    SetField2(&Port().PUPDR, PinPull::kNone);
    SetField2(&Port().MODER, PinMode::kAnalog);
  }

  static void MakeOutput(bool high) {
    high ? Set() : Clear();  // first, so that the pin never shows the other level
    SetField2(&Port().MODER, PinMode::kOutput);
  }

  static void MakeAlternate(std::uint32_t function, PinDrive drive = PinDrive::kPushPull,
                            PinPull pull = PinPull::kNone, PinSpeed speed = PinSpeed::kLow) {
    auto& port = Port();
    volatile std::uint32_t& afr = kNumber < 8 ? port.AFRL : port.AFRH;
    constexpr std::uint32_t kShift = 4 * (kNumber % 8);
    afr = (afr & ~(0xFU << kShift)) | (function << kShift);
    port.OTYPER = (port.OTYPER & ~(1U << kNumber)) | (static_cast<std::uint32_t>(drive) << kNumber);
    SetField2(&port.OSPEEDR, speed);
    SetField2(&port.PUPDR, pull);
    SetField2(&port.MODER, PinMode::kAlternate);
  }

 private:
  template <typename Value>
  static void SetField2(volatile std::uint32_t* field, Value value) {
    constexpr std::uint32_t kShift = 2 * kNumber;
    *field = (*field & ~(3U << kShift)) | (static_cast<std::uint32_t>(value) << kShift);
  }
};

}  // namespace stm32l4
