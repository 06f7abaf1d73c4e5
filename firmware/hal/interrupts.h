// Masking interrupts, and sleeping until one is pending.
#pragma once

#include <cstdint>

namespace hal {

/// Masks interrupts in its scope.
class InterruptLock {
 public:
  InterruptLock();
  ~InterruptLock();
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;

 private:
  std::uint32_t before_;
};

/// Stops the core's clock until an interrupt is pending, masked or not.
void WaitForInterrupt();

}  // namespace hal
