// The cost of a phase: core cycles awake, and elapsed time.
#pragma once

#include <cstdint>

#include "hal/time.h"

namespace app {

struct PhaseCost {
  std::uint32_t cycles = 0;  ///< in which the core was awake
  std::uint32_t us = 0;      ///< elapsed, sleep included
};

/// Adds the time of its lifetime to a phase's cost.
class Stopwatch {
 public:
  explicit Stopwatch(PhaseCost* cost)
      : cost_(cost), start_us_(hal::UptimeUs()), start_cycles_(hal::CoreCycles()) {}
  ~Stopwatch() {
    cost_->cycles += hal::CoreCycles() - start_cycles_;
    cost_->us += static_cast<std::uint32_t>(hal::UptimeUs() - start_us_);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  PhaseCost* cost_;
  std::uint64_t start_us_;
  std::uint32_t start_cycles_;
};

}  // namespace app
