// Waiting awake for hardware that is ready within microseconds.
#pragma once

#include <cstdint>

namespace hal {

/// Calls `done()` up to `spins` times until it is true; returns whether it was.
template <typename Condition>
inline bool SpinUntil(Condition done, std::uint32_t spins) {
  for (; spins > 0; --spins) {
    if (done()) return true;
  }
  return false;
}

}  // namespace hal
