// Control and status registers of the core. ESP32-C3 TRM, chapter "ESP-RISC-V CPU"; RISC-V
// privileged architecture, version 1.10.
#pragma once

#include <cstdint>

namespace esp32c3 {

// The compiler's -march leaves the CSR instructions out: with zicsr in it, Debian's gcc would
// silently pick 64-bit libraries.
#define ESP32C3_CSR(text) ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

inline constexpr std::uint32_t kMstatusMie = 1U << 3;

/// Masks interrupts; returns mstatus as it was.
inline std::uint32_t DisableInterrupts() {
  std::uint32_t before;
  __asm volatile(ESP32C3_CSR("csrrci %0, mstatus, 8") : "=r"(before)::"memory");
  return before;
}

inline void EnableInterrupts() { __asm volatile(ESP32C3_CSR("csrsi mstatus, 8")::: "memory"); }

/// Performance counter: Espressif's own CSRs, TRM "Performance Counter". mpcer selects what is
/// counted (bit 0: cycles), mpcmr starts it, mpccr holds the count.
inline void StartCycleCounter() {
  __asm volatile(ESP32C3_CSR("csrwi 0x7E0, 1\n\tcsrwi 0x7E1, 1\n\tcsrwi 0x7E2, 0")::: "memory");
}

inline std::uint32_t CycleCounter() {
  std::uint32_t cycles;
  __asm volatile(ESP32C3_CSR("csrr %0, 0x7E2") : "=r"(cycles));
  return cycles;
}

/// Address in RAM of the vector table, 256-byte aligned; low bits 01: vectored.
inline void SetTrapVectors(std::uintptr_t table) {
  __asm volatile(ESP32C3_CSR("csrw mtvec, %0")::"r"(table | 1) : "memory");
}

}  // namespace esp32c3
