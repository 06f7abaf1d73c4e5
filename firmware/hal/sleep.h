// Sleep between two decisions: the core and most clocks are stopped, the real-time clock runs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hal {

enum class WakeReason {
  kTimer,
  kConsole,  ///< a byte from the host, which is lost
  kInput,    ///< bytes from the host that had come before the chip was asleep; none is lost
};

/// One of the chip's ways to sleep.
struct SleepMode {
  const char* name;         ///< as the host names it, e.g. "stop2"
  const char* description;  ///< a few words for the host
  bool restarts;            ///< it ends in a reset, and the host cannot end it
};

/// The chip's modes, at least one. The first keeps RAM, and the host can end it.
std::size_t SleepModeCount();
const SleepMode& SleepModeAt(std::size_t number);

/// Sleeps for `duration_ms` (at most 2^32 - 1), or until the host sends a byte, which is lost.
///
/// The watchdog is refreshed. On return all clocks run as before. A mode that restarts does not
/// return, and only what Retain() keeps survives.
WakeReason DeepSleep(std::size_t mode_number, std::uint32_t duration_ms);

/// The clock of the timer that ends the sleep: "lse", a crystal; "lsi", an RC oscillator, some
/// percent off; "rc-slow", one that is measured before each sleep; "starting" before the first
/// sleep.
const char* SleepTimerClock();

}  // namespace hal
