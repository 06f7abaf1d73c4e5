#include "hal/interrupts.h"

#include "hal/stm32l4/registers/core.h"

namespace hal {

InterruptLock::InterruptLock() {
  __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(before_)::"memory");
}

InterruptLock::~InterruptLock() { __asm volatile("msr primask, %0" ::"r"(before_) : "memory"); }

void WaitForInterrupt() { stm32l4::WaitForInterrupt(); }

}  // namespace hal
