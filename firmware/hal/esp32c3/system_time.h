// The time base: SYSTIMER for elapsed time, the core's performance counter for its cycles.
#pragma once

#include <cstdint>

namespace esp32c3 {

/// Starts both at 0, and the tick that bounds every wait.
void StartTime();

/// SYSTIMER's part of the time since StartTime(), µs: it stops in light sleep.
std::uint64_t SystimerUs();

/// Adds time that SYSTIMER missed.
void AddMissedTime(std::uint64_t missed_us);

}  // namespace esp32c3
