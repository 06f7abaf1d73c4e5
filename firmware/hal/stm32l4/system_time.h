// The time base: SysTick for elapsed time, DWT for core cycles.
#pragma once

#include <cstdint>

namespace stm32l4 {

/// Starts both counters at 0.
void StartTime();

/// Stops SysTick before the core's clock goes.
void PauseTime();

/// Runs SysTick again, and adds the time that it missed.
void ResumeTime(std::uint64_t missed_us);

}  // namespace stm32l4
