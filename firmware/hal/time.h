// Time, in two kinds: elapsed (runs on in sleep) and core cycles (only while the core is awake).
#pragma once

#include <cstdint>

#include "hal/interrupts.h"

namespace hal {

/// Time since reset, µs, time in sleep and Stop included.
std::uint64_t UptimeUs();

/// Cycles in which the core was awake; wraps after 2^32 (53 s at 80 MHz).
std::uint32_t CoreCycles();

/// A point in time that a wait must not pass.
class Deadline {
 public:
  explicit Deadline(std::uint32_t timeout_ms) : end_us_(UptimeUs() + timeout_ms * 1000ULL) {}
  bool Passed() const { return UptimeUs() >= end_us_; }

 private:
  std::uint64_t end_us_;
};

/// Sleeps the core until `done()` holds, at most `timeout_ms`. Returns whether it holds.
///
/// `done` is called after every interrupt with interrupts masked, so that one which comes between
/// the call and the WFI still ends that WFI (Armv7-M ARM, B1.5.19). The tick bounds how late
/// a timeout can be.
template <typename Condition>
bool SleepUntil(Condition done, std::uint32_t timeout_ms) {
  const Deadline deadline(timeout_ms);
  for (;;) {
    InterruptLock lock;
    if (done()) return true;
    if (deadline.Passed()) return false;
    WaitForInterrupt();
  }
}

/// Sleeps the core for at least `duration_ms`; longer by up to one tick.
inline void SleepMs(std::uint32_t duration_ms) {
  SleepUntil([] { return false; }, duration_ms);
}

}  // namespace hal
