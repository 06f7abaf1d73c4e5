// Interrupt matrix: 62 sources to 31 interrupts of the core. ESP32-C3 TRM, chapter "Interrupt
// Matrix (INTERRUPT)"; the core's side: chapter "ESP-RISC-V CPU", "Interrupt Controller".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kInterruptCore0Base = 0x600C2000;

struct InterruptCore0Registers {
  volatile std::uint32_t MAP[62];             // 0x000: the core's interrupt of each source, 0: none
  std::uint32_t reserved_0f8[3];              // 0x0F8
  volatile std::uint32_t CPU_INT_ENABLE;      // 0x104
  volatile std::uint32_t CPU_INT_TYPE;        // 0x108: 0 level, 1 edge
  volatile std::uint32_t CPU_INT_CLEAR;       // 0x10C
  volatile std::uint32_t CPU_INT_EIP_STATUS;  // 0x110
  volatile std::uint32_t CPU_INT_PRI[32];     // 0x114
  volatile std::uint32_t CPU_INT_THRESH;      // 0x194
};
static_assert(offsetof(InterruptCore0Registers, CPU_INT_ENABLE) == 0x104);
static_assert(offsetof(InterruptCore0Registers, CPU_INT_THRESH) == 0x194);

inline InterruptCore0Registers& InterruptCore0() {
  return *reinterpret_cast<InterruptCore0Registers*>(kInterruptCore0Base);
}

}  // namespace esp32c3
