// Settings that the host can change.
#pragma once

#include <cstddef>
#include <cstdint>

namespace app {

inline constexpr std::uint32_t kMinIntervalMs = 500;
inline constexpr std::uint32_t kMaxIntervalMs = 3'600'000;
inline constexpr std::uint32_t kMaxThresholdPercent = 100;

struct Settings {
  std::uint32_t interval_ms = 5000;      ///< asleep between two decisions; 0: only on command
  std::uint32_t threshold_percent = 50;  ///< below this confidence a decision is "uncertain"
  std::size_t sleep_mode = 0;            ///< of hal::SleepModeAt()
};

constexpr bool IsInterval(std::uint32_t ms) {
  return ms == 0 || (ms >= kMinIntervalMs && ms <= kMaxIntervalMs);
}

}  // namespace app
