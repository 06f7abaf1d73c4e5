// Connects a peripheral's interrupt line to a handler.
#pragma once

#include <cstdint>

#include "hal/esp32c3/registers/interrupt_core0.h"

namespace esp32c3 {

/// Peripheral interrupt lines: TRM, table "CPU Peripheral Interrupt Configuration/Status Registers
/// and Peripheral Interrupt Sources".
enum class InterruptSource : std::uint32_t {
  kSpi2 = 19,
  kUart0 = 21,
  kI2cExt0 = 29,
  kSystimerTarget0 = 37,
};

/// The core's interrupts that are in use; vectors.S holds their handlers by these numbers.
enum class CpuInterrupt : std::uint32_t { kTick = 1, kConsole = 2, kSpi = 3, kI2c = 4 };

/// Lets `source` interrupt the core as the level-triggered `interrupt`. All have one priority:
/// handlers are short, and none interrupts another.
void ConnectInterrupt(InterruptSource source, CpuInterrupt interrupt);

}  // namespace esp32c3
