// One pin.
#pragma once

#include <cstdint>

#include "hal/esp32c3/registers/gpio.h"

namespace esp32c3 {

/// The function of the IO MUX that connects a pin to the GPIO matrix, the same at all pins.
inline constexpr std::uint32_t kIoMuxGpio = 1;

/// A peripheral's signal: its number in the GPIO matrix (TRM, table "Peripheral Signals via GPIO
/// Matrix"), and the pin at which the IO MUX connects it past the matrix, by which function (TRM,
/// table "IO MUX Pin Functions").
struct Signal {
  std::uint32_t number;
  std::uint32_t direct_pin;
  std::uint32_t direct_function;
};

inline constexpr std::uint32_t kNoPin = ~0U;
inline constexpr Signal kU0Rxd{6, 20, 0};
inline constexpr Signal kU0Txd{6, 21, 0};
inline constexpr Signal kI2cExt0Scl{53, kNoPin, 0};
inline constexpr Signal kI2cExt0Sda{54, kNoPin, 0};
inline constexpr Signal kFspiClk{63, 6, 2};
inline constexpr Signal kFspiQ{64, 2, 2};
inline constexpr Signal kFspiD{65, 7, 2};

/// A pin by its number, e.g. `Pin<5>` for GPIO5.
template <std::uint32_t kNumber>
struct Pin {
  // 12..17 belong to the flash, and there are no others (TRM, "IO MUX and GPIO Matrix").
  static_assert(kNumber < kGpioPins && (kNumber < 12 || kNumber > 17));
  static constexpr std::uint32_t kMask = 1U << kNumber;

  static void Set() { Gpio().OUT_W1TS = kMask; }
  static void Clear() { Gpio().OUT_W1TC = kMask; }
  static bool IsHigh() { return (Gpio().IN & kMask) != 0; }

  /// Lets a low level end light sleep; no interrupt comes of it.
  static void WakeWhenLow(bool on) {
    Gpio().PIN[kNumber] = on ? GPIO_PIN::INT_TYPE_LOW_LEVEL | GPIO_PIN::WAKEUP_ENABLE : 0;
  }

  /// Not driven, not read: takes no current and gives none.
  static void Disconnect() {
    auto& gpio = Gpio();
    gpio.ENABLE_W1TC = kMask;
    gpio.FUNC_OUT_SEL_CFG[kNumber] =
        GPIO_FUNC_OUT_SEL_CFG::OUT_SEL_GPIO | GPIO_FUNC_OUT_SEL_CFG::OEN_SEL;
    gpio.PIN[kNumber] = 0;
    IoMux().GPIO[kNumber] = kIoMuxGpio << IO_MUX_GPIO::MCU_SEL_Pos;  // weakest drive, input off
  }

  static void MakeOutput(bool high) {
    high ? Set() : Clear();  // first, so that the pin never shows the other level
    auto& gpio = Gpio();
    gpio.FUNC_OUT_SEL_CFG[kNumber] =
        GPIO_FUNC_OUT_SEL_CFG::OUT_SEL_GPIO | GPIO_FUNC_OUT_SEL_CFG::OEN_SEL;
    gpio.ENABLE_W1TS = kMask;
    SelectFunction(kIoMuxGpio);
  }

  /// Driven by a peripheral: past the matrix if this is the signal's own pin.
  template <const Signal& kSignal>
  static void MakeOutputOf() {
    if constexpr (kNumber == kSignal.direct_pin) {
      SelectFunction(kSignal.direct_function);
    } else {
      auto& gpio = Gpio();
      gpio.FUNC_OUT_SEL_CFG[kNumber] = kSignal.number;
      gpio.ENABLE_W1TS = kMask;
      SelectFunction(kIoMuxGpio);
    }
  }

  /// Read by a peripheral, likewise; `options` are bits of IO_MUX_GPIO.
  template <const Signal& kSignal>
  static void MakeInputOf(std::uint32_t options = 0) {
    if constexpr (kNumber == kSignal.direct_pin) {
      SelectFunction(kSignal.direct_function, IO_MUX_GPIO::FUN_IE | options);
    } else {
      Gpio().FUNC_IN_SEL_CFG[kSignal.number] = kNumber | GPIO_FUNC_IN_SEL_CFG::SEL_MATRIX;
      SelectFunction(kIoMuxGpio, IO_MUX_GPIO::FUN_IE | options);
    }
  }

  /// Open drain, both ways through the matrix.
  static void MakeOpenDrain(const Signal& signal) {
    auto& gpio = Gpio();
    gpio.PIN[kNumber] = GPIO_PIN::PAD_DRIVER_OPEN_DRAIN;
    gpio.FUNC_IN_SEL_CFG[signal.number] = kNumber | GPIO_FUNC_IN_SEL_CFG::SEL_MATRIX;
    gpio.FUNC_OUT_SEL_CFG[kNumber] = signal.number;
    gpio.ENABLE_W1TS = kMask;
    SelectFunction(kIoMuxGpio, IO_MUX_GPIO::FUN_IE);
  }

 private:
  static constexpr std::uint32_t kDrive = 2;  // 20 mA, the reset value

  static void SelectFunction(std::uint32_t function, std::uint32_t options = 0) {
    IoMux().GPIO[kNumber] =
        (function << IO_MUX_GPIO::MCU_SEL_Pos) | (kDrive << IO_MUX_GPIO::FUN_DRV_Pos) | options;
  }
};

}  // namespace esp32c3
