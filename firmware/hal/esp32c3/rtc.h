// The RTC's main timer, which counts in sleep and ends it. It counts cycles of the slow clock, an
// RC oscillator of about 136 kHz, whose period is measured against the crystal.
#pragma once

#include <cstdint>

namespace esp32c3 {

/// Time between two points of RtcCount(), µs, by the last measurement.
class SlowClock {
 public:
  /// Measures the slow clock against the crystal; takes 1 ms.
  static SlowClock Measure();

  /// Cycles that last `us`.
  std::uint64_t Cycles(std::uint64_t us) const;

  /// Length of `cycles`, µs.
  std::uint64_t Us(std::uint64_t cycles) const;

 private:
  explicit SlowClock(std::uint32_t xtal_cycles) : xtal_cycles_(xtal_cycles) {}

  std::uint32_t xtal_cycles_;  // of kMeasuredCycles slow ones
};

/// Cycles of the slow clock since power-on; runs on in all sleeps and over resets.
std::uint64_t RtcCount();

/// Lets the main timer end a sleep at this count.
void SetRtcAlarm(std::uint64_t count);

}  // namespace esp32c3
