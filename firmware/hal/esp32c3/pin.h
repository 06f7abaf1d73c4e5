// One pin.
#pragma once

#include <cstdint>

#include "hal/esp32c3/registers/gpio.h"

namespace esp32c3 {

/// Functions of the IO MUX: TRM, table "IO MUX Pin Functions".
inline constexpr std::uint32_t kIoMuxFunction0 = 0;  // UART0 on GPIO20 and GPIO21
inline constexpr std::uint32_t kIoMuxGpio = 1;       // all pins: through the GPIO matrix
inline constexpr std::uint32_t kIoMuxFspi = 2;       // SPI2 on GPIO2, 4..7, 10

/// Signals of the GPIO matrix: TRM, table "Peripheral Signals via GPIO Matrix".
enum class MatrixSignal : std::uint32_t { kI2cExt0Scl = 53, kI2cExt0Sda = 54, kFspiQ = 64 };

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
    IoMux().GPIO[kNumber] = kIoMuxGpio << IO_MUX_GPIO::MCU_SEL_Pos;
  }

  static void MakeOutput(bool high) {
    high ? Set() : Clear();  // first, so that the pin never shows the other level
    auto& gpio = Gpio();
    gpio.FUNC_OUT_SEL_CFG[kNumber] =
        GPIO_FUNC_OUT_SEL_CFG::OUT_SEL_GPIO | GPIO_FUNC_OUT_SEL_CFG::OEN_SEL;
    gpio.ENABLE_W1TS = kMask;
    IoMux().GPIO[kNumber] =
        (kIoMuxGpio << IO_MUX_GPIO::MCU_SEL_Pos) | (kDrive << IO_MUX_GPIO::FUN_DRV_Pos);
  }

  /// To a peripheral past the matrix; `options` are bits of IO_MUX_GPIO.
  static void MakeDirect(std::uint32_t function, std::uint32_t options = 0) {
    IoMux().GPIO[kNumber] =
        (function << IO_MUX_GPIO::MCU_SEL_Pos) | (kDrive << IO_MUX_GPIO::FUN_DRV_Pos) | options;
  }

  /// Open drain, both ways through the matrix.
  static void MakeOpenDrain(MatrixSignal signal) {
    const auto number = static_cast<std::uint32_t>(signal);
    auto& gpio = Gpio();
    gpio.PIN[kNumber] = GPIO_PIN::PAD_DRIVER_OPEN_DRAIN;
    gpio.FUNC_IN_SEL_CFG[number] = kNumber | GPIO_FUNC_IN_SEL_CFG::SEL_MATRIX;
    gpio.FUNC_OUT_SEL_CFG[kNumber] = number;
    gpio.ENABLE_W1TS = kMask;
    IoMux().GPIO[kNumber] = (kIoMuxGpio << IO_MUX_GPIO::MCU_SEL_Pos) |
                            (kDrive << IO_MUX_GPIO::FUN_DRV_Pos) | IO_MUX_GPIO::FUN_IE;
  }

 private:
  static constexpr std::uint32_t kDrive = 2;  // 20 mA, the reset value
};

}  // namespace esp32c3
