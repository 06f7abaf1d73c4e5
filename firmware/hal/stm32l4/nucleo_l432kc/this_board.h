// What is wired where on the NUCLEO-L432KC with the camera module: UM1956, its Arduino Nano
// connectors and solder bridges.
#pragma once

#include "hal/stm32l4/pin.h"

namespace stm32l4 {

inline constexpr char kBoardName[] = "nucleo_l432kc";

namespace pins {

// USART2 to the ST-LINK's virtual COM port: AF7 on PA2, AF3 on PA15.
using ConsoleTx = Pin<kGpioaBase, 2>;
using ConsoleRx = Pin<kGpioaBase, 15>;
inline constexpr std::uint32_t kConsoleTxFunction = 7;
inline constexpr std::uint32_t kConsoleRxFunction = 3;
inline constexpr std::uint32_t kConsoleRxExtiLine = 15;

// I2C1, the bus of hal/i2c_devices.h, AF4. The pull-ups are on the camera module. Not on PB6 and
// PB7 (D5 and D4): solder bridges SB16 and SB18, closed as delivered, tie those to PA6 and PA5.
using I2cScl = Pin<kGpioaBase, 9>;   // Arduino Nano D1
using I2cSda = Pin<kGpioaBase, 10>;  // Arduino Nano D0
inline constexpr std::uint32_t kI2cFunction = 4;

// SPI1 to the camera's FIFO, AF5. PB6 and PB7, tied to two of its lines, stay analog.
using CameraSck = Pin<kGpioaBase, 5>;   // Arduino Nano A4
using CameraMiso = Pin<kGpioaBase, 6>;  // Arduino Nano A5
using CameraMosi = Pin<kGpioaBase, 7>;  // Arduino Nano A6
inline constexpr std::uint32_t kSpiFunction = 5;

using CameraChipSelect = Pin<kGpioaBase, 4>;  // Arduino Nano A3, active low
using CameraPower = Pin<kGpioaBase, 8>;       // Arduino Nano D9, high-side switch, active high

}  // namespace pins
}  // namespace stm32l4
