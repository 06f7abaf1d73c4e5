// System timer, 16 MHz whatever the core's clock is. ESP32-C3 TRM, chapter "System Timer
// (SYSTIMER)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kSystimerBase = 0x60023000;
inline constexpr std::uint32_t kSystimerHz = 16'000'000;  // XTAL / 2.5

struct SystimerRegisters {
  volatile std::uint32_t CONF;            // 0x00
  volatile std::uint32_t UNIT0_OP;        // 0x04
  std::uint32_t reserved_08[11];          // 0x08
  volatile std::uint32_t TARGET0_CONF;    // 0x34
  std::uint32_t reserved_38[2];           // 0x38
  volatile std::uint32_t UNIT0_VALUE_HI;  // 0x40
  volatile std::uint32_t UNIT0_VALUE_LO;  // 0x44
  std::uint32_t reserved_48[2];           // 0x48
  volatile std::uint32_t COMP0_LOAD;      // 0x50
  std::uint32_t reserved_54[4];           // 0x54
  volatile std::uint32_t INT_ENA;         // 0x64
  volatile std::uint32_t INT_RAW;         // 0x68
  volatile std::uint32_t INT_CLR;         // 0x6C
};
static_assert(offsetof(SystimerRegisters, TARGET0_CONF) == 0x34);
static_assert(offsetof(SystimerRegisters, INT_CLR) == 0x6C);

inline SystimerRegisters& Systimer() {
  return *reinterpret_cast<SystimerRegisters*>(kSystimerBase);
}

namespace SYSTIMER_CONF {
inline constexpr std::uint32_t TARGET0_WORK_EN = 1U << 24;
inline constexpr std::uint32_t UNIT0_WORK_EN = 1U << 30;
}  // namespace SYSTIMER_CONF

namespace SYSTIMER_UNIT_OP {
inline constexpr std::uint32_t VALUE_VALID = 1U << 29;
inline constexpr std::uint32_t UPDATE = 1U << 30;
}  // namespace SYSTIMER_UNIT_OP

namespace SYSTIMER_TARGET_CONF {
inline constexpr std::uint32_t PERIOD_MODE = 1U << 30;
}

namespace SYSTIMER_INT {
inline constexpr std::uint32_t TARGET0 = 1U << 0;
}

}  // namespace esp32c3
