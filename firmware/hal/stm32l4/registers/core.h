// Core peripherals of the Cortex-M4: Armv7-M Architecture Reference Manual (DDI 0403E), B3 and C1;
// STM32 Cortex-M4 programming manual PM0214, chapter 4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stm32l4 {

inline constexpr std::uintptr_t kSystickBase = 0xE000E010;
inline constexpr std::uintptr_t kNvicBase = 0xE000E100;
inline constexpr std::uintptr_t kScbBase = 0xE000ED00;
inline constexpr std::uintptr_t kDwtBase = 0xE0001000;
inline constexpr std::uintptr_t kDemcrAddress = 0xE000EDFC;

struct SystickRegisters {
  volatile std::uint32_t CTRL;   // 0x00
  volatile std::uint32_t LOAD;   // 0x04
  volatile std::uint32_t VAL;    // 0x08
  volatile std::uint32_t CALIB;  // 0x0C
};

struct NvicRegisters {
  volatile std::uint32_t ISER[8];  // 0x000
  std::uint32_t reserved_020[24];  // 0x020
  volatile std::uint32_t ICER[8];  // 0x080
  std::uint32_t reserved_0a0[24];  // 0x0A0
  volatile std::uint32_t ISPR[8];  // 0x100
  std::uint32_t reserved_120[24];  // 0x120
  volatile std::uint32_t ICPR[8];  // 0x180
  std::uint32_t reserved_1a0[24];  // 0x1A0
  volatile std::uint32_t IABR[8];  // 0x200
  std::uint32_t reserved_220[56];  // 0x220
  volatile std::uint8_t IPR[240];  // 0x300
};
static_assert(offsetof(NvicRegisters, ICPR) == 0x180);
static_assert(offsetof(NvicRegisters, IPR) == 0x300);

struct ScbRegisters {
  volatile std::uint32_t CPUID;    // 0x00
  volatile std::uint32_t ICSR;     // 0x04
  volatile std::uint32_t VTOR;     // 0x08
  volatile std::uint32_t AIRCR;    // 0x0C
  volatile std::uint32_t SCR;      // 0x10
  volatile std::uint32_t CCR;      // 0x14
  volatile std::uint8_t SHPR[12];  // 0x18
  volatile std::uint32_t SHCSR;    // 0x24
  volatile std::uint32_t CFSR;     // 0x28
  volatile std::uint32_t HFSR;     // 0x2C
  volatile std::uint32_t DFSR;     // 0x30
  volatile std::uint32_t MMFAR;    // 0x34
  volatile std::uint32_t BFAR;     // 0x38
  volatile std::uint32_t AFSR;     // 0x3C
  std::uint32_t reserved_40[18];   // 0x40
  volatile std::uint32_t CPACR;    // 0x88
};
static_assert(offsetof(ScbRegisters, CPACR) == 0x88);

struct DwtRegisters {
  volatile std::uint32_t CTRL;    // 0x00
  volatile std::uint32_t CYCCNT;  // 0x04
};

inline SystickRegisters& Systick() { return *reinterpret_cast<SystickRegisters*>(kSystickBase); }
inline NvicRegisters& Nvic() { return *reinterpret_cast<NvicRegisters*>(kNvicBase); }
inline ScbRegisters& Scb() { return *reinterpret_cast<ScbRegisters*>(kScbBase); }
inline DwtRegisters& Dwt() { return *reinterpret_cast<DwtRegisters*>(kDwtBase); }
inline volatile std::uint32_t& Demcr() {
  return *reinterpret_cast<volatile std::uint32_t*>(kDemcrAddress);
}

namespace SYST_CTRL {
inline constexpr std::uint32_t ENABLE = 1U << 0;
inline constexpr std::uint32_t TICKINT = 1U << 1;
inline constexpr std::uint32_t CLKSOURCE_CORE = 1U << 2;
}  // namespace SYST_CTRL

namespace SCB_ICSR {
inline constexpr std::uint32_t VECTACTIVE_Msk = 0x1FFU;
inline constexpr std::uint32_t PENDSTCLR = 1U << 25;
inline constexpr std::uint32_t PENDSTSET = 1U << 26;
}  // namespace SCB_ICSR

namespace SCB_AIRCR {
inline constexpr std::uint32_t VECTKEY = 0x05FAU << 16;
inline constexpr std::uint32_t SYSRESETREQ = 1U << 2;
}  // namespace SCB_AIRCR

namespace SCB_SCR {
inline constexpr std::uint32_t SLEEPDEEP = 1U << 2;
}

namespace SCB_CCR {
inline constexpr std::uint32_t DIV_0_TRP = 1U << 4;
inline constexpr std::uint32_t STKALIGN = 1U << 9;
}  // namespace SCB_CCR

namespace SCB_SHCSR {
inline constexpr std::uint32_t MEMFAULTENA = 1U << 16;
inline constexpr std::uint32_t BUSFAULTENA = 1U << 17;
inline constexpr std::uint32_t USGFAULTENA = 1U << 18;
}  // namespace SCB_SHCSR

namespace SCB_CFSR {
inline constexpr std::uint32_t MMARVALID = 1U << 7;
inline constexpr std::uint32_t BFARVALID = 1U << 15;
}  // namespace SCB_CFSR

namespace CORE_DEMCR {
inline constexpr std::uint32_t TRCENA = 1U << 24;
}

namespace DWT_CTRL {
inline constexpr std::uint32_t CYCCNTENA = 1U << 0;
}

/// Interrupt positions, RM0351 table 57.
enum class Irq : int {
  kRtcWakeup = 3,
  kExti0 = 6,  // EXTI1 to EXTI4 follow
  kDma1Channel2 = 12,
  kDma1Channel3 = 13,
  kExti9To5 = 23,
  kI2c1Event = 31,
  kI2c1Error = 32,
  kUsart2 = 38,
  kExti15To10 = 40,
};

/// The interrupt of EXTI line 0 to 15.
constexpr Irq ExtiIrq(std::uint32_t line) {
  if (line < 5) return static_cast<Irq>(static_cast<std::uint32_t>(Irq::kExti0) + line);
  return line < 10 ? Irq::kExti9To5 : Irq::kExti15To10;
}

inline void EnableIrq(Irq irq) {
  const auto n = static_cast<std::uint32_t>(irq);
  Nvic().ISER[n / 32] = 1U << (n % 32);
}

inline void DisableIrq(Irq irq) {
  const auto n = static_cast<std::uint32_t>(irq);
  Nvic().ICER[n / 32] = 1U << (n % 32);
}

inline void ClearPendingIrq(Irq irq) {
  const auto n = static_cast<std::uint32_t>(irq);
  Nvic().ICPR[n / 32] = 1U << (n % 32);
}

inline void DataSyncBarrier() { __asm volatile("dsb" ::: "memory"); }
inline void InstructionSyncBarrier() { __asm volatile("isb" ::: "memory"); }
inline void WaitForInterrupt() { __asm volatile("dsb\n\twfi" ::: "memory"); }

}  // namespace stm32l4
