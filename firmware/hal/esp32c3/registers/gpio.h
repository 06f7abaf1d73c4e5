// Pins: the GPIO matrix and the IO MUX. ESP32-C3 TRM, chapter "IO MUX and GPIO Matrix".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kGpioBase = 0x60004000;
inline constexpr std::uintptr_t kIoMuxBase = 0x60009000;
inline constexpr std::uint32_t kGpioPins = 22;

struct GpioRegisters {
  volatile std::uint32_t BT_SELECT;                    // 0x000
  volatile std::uint32_t OUT;                          // 0x004
  volatile std::uint32_t OUT_W1TS;                     // 0x008
  volatile std::uint32_t OUT_W1TC;                     // 0x00C
  std::uint32_t reserved_010[4];                       // 0x010
  volatile std::uint32_t ENABLE;                       // 0x020
  volatile std::uint32_t ENABLE_W1TS;                  // 0x024
  volatile std::uint32_t ENABLE_W1TC;                  // 0x028
  std::uint32_t reserved_02c[4];                       // 0x02C
  volatile std::uint32_t IN;                           // 0x03C
  std::uint32_t reserved_040[13];                      // 0x040
  volatile std::uint32_t PIN[kGpioPins];               // 0x074
  std::uint32_t reserved_0cc[34];                      // 0x0CC
  volatile std::uint32_t FUNC_IN_SEL_CFG[128];         // 0x154
  std::uint32_t reserved_354[128];                     // 0x354
  volatile std::uint32_t FUNC_OUT_SEL_CFG[kGpioPins];  // 0x554
};
static_assert(offsetof(GpioRegisters, IN) == 0x3C);
static_assert(offsetof(GpioRegisters, PIN) == 0x74);
static_assert(offsetof(GpioRegisters, FUNC_IN_SEL_CFG) == 0x154);
static_assert(offsetof(GpioRegisters, FUNC_OUT_SEL_CFG) == 0x554);

struct IoMuxRegisters {
  volatile std::uint32_t PIN_CTRL;         // 0x00
  volatile std::uint32_t GPIO[kGpioPins];  // 0x04
};

inline GpioRegisters& Gpio() { return *reinterpret_cast<GpioRegisters*>(kGpioBase); }
inline IoMuxRegisters& IoMux() { return *reinterpret_cast<IoMuxRegisters*>(kIoMuxBase); }

namespace GPIO_PIN {
inline constexpr std::uint32_t PAD_DRIVER_OPEN_DRAIN = 1U << 2;
inline constexpr std::uint32_t INT_TYPE_LOW_LEVEL = 4U << 7;
inline constexpr std::uint32_t WAKEUP_ENABLE = 1U << 10;
}  // namespace GPIO_PIN

namespace GPIO_FUNC_IN_SEL_CFG {
inline constexpr std::uint32_t SEL_MATRIX = 1U << 6;  // else straight from the IO MUX
}

namespace GPIO_FUNC_OUT_SEL_CFG {
inline constexpr std::uint32_t OUT_SEL_GPIO = 128;  // the level is GPIO_OUT's
inline constexpr std::uint32_t OEN_SEL = 1U << 9;   // driven by GPIO_ENABLE
}  // namespace GPIO_FUNC_OUT_SEL_CFG

namespace IO_MUX_GPIO {
inline constexpr std::uint32_t FUN_WPU = 1U << 8;
inline constexpr std::uint32_t FUN_IE = 1U << 9;
inline constexpr std::uint32_t FUN_DRV_Pos = 10;
inline constexpr std::uint32_t MCU_SEL_Pos = 12;
}  // namespace IO_MUX_GPIO

}  // namespace esp32c3
