// Extended interrupts and events controller, RM0351 rev 9, section 14.5;
// and SYSCFG, section 9.2, which chooses the port of each line.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kExtiBase = 0x40010400;
inline constexpr std::uintptr_t kSyscfgBase = 0x40010000;

struct ExtiRegisters {
  volatile std::uint32_t IMR1;    // 0x00
  volatile std::uint32_t EMR1;    // 0x04
  volatile std::uint32_t RTSR1;   // 0x08
  volatile std::uint32_t FTSR1;   // 0x0C
  volatile std::uint32_t SWIER1;  // 0x10
  volatile std::uint32_t PR1;     // 0x14
};
static_assert(offsetof(ExtiRegisters, PR1) == 0x14);

struct SyscfgRegisters {
  volatile std::uint32_t MEMRMP;   // 0x00
  volatile std::uint32_t CFGR1;    // 0x04
  volatile std::uint32_t EXTICR1;  // 0x08
  volatile std::uint32_t EXTICR2;  // 0x0C
  volatile std::uint32_t EXTICR3;  // 0x10
  volatile std::uint32_t EXTICR4;  // 0x14
};
static_assert(offsetof(SyscfgRegisters, EXTICR4) == 0x14);

inline ExtiRegisters& Exti() { return *reinterpret_cast<ExtiRegisters*>(kExtiBase); }
inline SyscfgRegisters& Syscfg() { return *reinterpret_cast<SyscfgRegisters*>(kSyscfgBase); }

/// The register that selects the port of EXTI line 0 to 15; four lines in each.
inline volatile std::uint32_t& ExtiPorts(std::uint32_t line) {
  auto& syscfg = Syscfg();
  switch (line / 4) {
    case 0:
      return syscfg.EXTICR1;
    case 1:
      return syscfg.EXTICR2;
    case 2:
      return syscfg.EXTICR3;
    default:
      return syscfg.EXTICR4;
  }
}

/// Line of the RTC wake-up timer (table 57).
inline constexpr std::uint32_t kExtiLineRtcWakeup = 20;

}  // namespace stm32l4
