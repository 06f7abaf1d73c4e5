// The deepest sleep that keeps RAM and the real-time clock.
#pragma once

#include <cstdint>

namespace hal {

enum class WakeReason {
  kTimer,
  kConsole,  ///< a byte from the host, which is lost
  kInput,    ///< bytes from the host that had come before the chip was asleep; none is lost
};

/// Name of the sleep mode for the report, e.g. "stop2".
const char* DeepSleepName();

/// Sleeps for `duration_ms` (at most 2^32 - 1), or until the host sends a byte, which is lost.
///
/// The watchdog is kept content. On return all clocks run as before.
WakeReason DeepSleep(std::uint32_t duration_ms);

/// What the timer that ends the sleep runs from: "lse", a crystal; "lsi", an RC oscillator, some
/// percent off; "starting" before the first sleep.
const char* SleepTimerClock();

}  // namespace hal
