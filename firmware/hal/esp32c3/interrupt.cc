#include "hal/esp32c3/interrupt.h"

#include "hal/esp32c3/csr.h"
#include "hal/interrupts.h"

namespace esp32c3 {

void ConnectInterrupt(InterruptSource source, CpuInterrupt interrupt) {
  const hal::InterruptLock lock;
  const auto number = static_cast<std::uint32_t>(interrupt);
  auto& matrix = InterruptCore0();
  matrix.MAP[static_cast<std::uint32_t>(source)] = number;
  matrix.CPU_INT_TYPE &= ~(1U << number);
  matrix.CPU_INT_PRI[number] = 1;
  matrix.CPU_INT_THRESH = 1;  // lets priority 1 and above pass
  matrix.CPU_INT_ENABLE |= 1U << number;
}

}  // namespace esp32c3

namespace hal {

InterruptLock::InterruptLock() : before_(esp32c3::DisableInterrupts()) {}

InterruptLock::~InterruptLock() {
  if ((before_ & esp32c3::kMstatusMie) != 0) esp32c3::EnableInterrupts();
}

void WaitForInterrupt() { __asm volatile("wfi" ::: "memory"); }

}  // namespace hal
