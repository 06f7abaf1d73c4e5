// The board as a whole: its name, its start, the cause of its reset.
#pragma once

#include <cstdint>

namespace hal {

/// Brings the board from reset to full speed: clocks, time, console, watchdog.
void StartBoard();

/// The board's name as in platforms/<name>.toml.
const char* BoardName();

/// Frequency of the core's clock, Hz.
std::uint32_t SysclkHz();

/// The cause of the last reset: "power-on", "pin", "watchdog", "software", "standby", ...
const char* ResetCause();

/// Resets the chip; the next boot line has "software".
[[noreturn]] void Reset();

/// The largest number of bytes of stack in use so far, and the size of the stack.
std::uint32_t StackUsedBytes();
std::uint32_t StackSizeBytes();

}  // namespace hal
