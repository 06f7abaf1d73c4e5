// What is wired where on the NUCLEO-L476RG with the camera module: UM1724, figure 19 and table 16.
#pragma once

#include "hal/stm32l4/pin.h"

namespace stm32l4 {

inline constexpr char kBoardName[] = "nucleo_l476rg";

namespace pins {

// USART2 to the ST-LINK's virtual COM port, AF7.
using ConsoleTx = Pin<kGpioaBase, 2>;
using ConsoleRx = Pin<kGpioaBase, 3>;
inline constexpr std::uint32_t kConsoleTxFunction = 7;
inline constexpr std::uint32_t kConsoleRxFunction = 7;
inline constexpr std::uint32_t kConsoleRxExtiLine = 3;

// I2C1, the bus of hal/i2c_devices.h, AF4. The pull-ups are on the camera module.
using I2cScl = Pin<kGpiobBase, 8>;  // Arduino D15
using I2cSda = Pin<kGpiobBase, 9>;  // Arduino D14
inline constexpr std::uint32_t kI2cFunction = 4;

// SPI1 to the camera's FIFO, AF5.
using CameraSck = Pin<kGpioaBase, 5>;   // Arduino D13, LD2 as well
using CameraMiso = Pin<kGpioaBase, 6>;  // Arduino D12
using CameraMosi = Pin<kGpioaBase, 7>;  // Arduino D11
inline constexpr std::uint32_t kSpiFunction = 5;

using CameraChipSelect = Pin<kGpiobBase, 6>;  // Arduino D10, active low
using CameraPower = Pin<kGpiocBase, 7>;       // Arduino D9, high-side switch, active high

}  // namespace pins
}  // namespace stm32l4
