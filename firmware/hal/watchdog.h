// The independent watchdog: a program that hangs is reset.
#pragma once

#include <cstdint>

namespace hal {

/// Longest time between two refreshes that is safe at the watchdog clock's fastest, ms.
inline constexpr std::uint32_t kWatchdogPeriodMs = 30000;

/// Starts the watchdog; nothing but a reset stops it again.
void WatchdogStart();

/// Refreshes the watchdog.
void WatchdogRefresh();

}  // namespace hal
