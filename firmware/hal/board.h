// The board as a whole: its name, its start, why it started.
#pragma once

#include <cstdint>

namespace hal {

/// Brings the board from reset to full speed: clocks, time, console, watchdog.
void StartBoard();

/// The board's name as in platforms/<name>.toml.
const char* BoardName();

/// Frequency of the core's clock, Hz.
std::uint32_t SysclkHz();

/// Why the chip was reset last: "power-on", "pin", "watchdog", "software", "standby", ...
const char* ResetCause();

/// Resets the chip; the next boot line says "software".
[[noreturn]] void Reset();

/// Most bytes of stack in use so far, and bytes there are.
std::uint32_t StackUsedBytes();
std::uint32_t StackSizeBytes();

}  // namespace hal
