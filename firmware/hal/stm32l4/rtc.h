// The real-time clock: the only timer that counts in Stop 2, and it ends Stop 2.
#pragma once

#include <cstdint>

namespace stm32l4 {

/// Lets the crystal start; takes no time. EnsureRtc() waits for the rest.
void StartRtcOscillator();

/// Waits (asleep) for the crystal, or falls back to the LSI, and starts the calendar; false if the
/// host sent something before the crystal ran.
bool EnsureRtc();

/// The clock of the calendar: "lse", "lsi", or "starting".
const char* RtcClockName();

/// Time of day on the calendar, µs; resolution 0.25 ms; wraps after 24 hours.
std::uint64_t RtcTimeOfDayUs();

/// Length of RtcTimeOfDayUs()'s circle.
inline constexpr std::uint64_t kDayUs = 24ULL * 3600 * 1'000'000;

/// Most that one arming of the wake-up timer can wait for, µs.
inline constexpr std::uint64_t kMaxWakeupUs = 20'000'000;

/// Lets the wake-up timer interrupt after `delay_us` (at most kMaxWakeupUs), to 0.5 ms.
void ArmRtcWakeup(std::uint64_t delay_us);

/// Stops the wake-up timer.
void DisarmRtcWakeup();

}  // namespace stm32l4
