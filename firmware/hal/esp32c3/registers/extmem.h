// The flash's cache. ESP32-C3 TRM, 3.3.3; ESP-IDF, soc/esp32c3/register/soc/extmem_reg.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kExtmemBase = 0x600C4000;

struct ExtmemRegisters {
  volatile std::uint32_t ICACHE_CTRL;       // 0x00
  volatile std::uint32_t ICACHE_CTRL1;      // 0x04
  std::uint32_t reserved_08[8];             // 0x08
  volatile std::uint32_t ICACHE_SYNC_CTRL;  // 0x28
  volatile std::uint32_t ICACHE_SYNC_ADDR;  // 0x2C
  volatile std::uint32_t ICACHE_SYNC_SIZE;  // 0x30
  std::uint32_t reserved_34[31];            // 0x34
  volatile std::uint32_t CACHE_STATE;       // 0xB0
};
static_assert(offsetof(ExtmemRegisters, ICACHE_SYNC_CTRL) == 0x28);
static_assert(offsetof(ExtmemRegisters, CACHE_STATE) == 0xB0);

inline ExtmemRegisters& Extmem() { return *reinterpret_cast<ExtmemRegisters*>(kExtmemBase); }

namespace EXTMEM_ICACHE_CTRL {
inline constexpr std::uint32_t ICACHE_ENABLE = 1U << 0;
}

namespace EXTMEM_ICACHE_SYNC_CTRL {
inline constexpr std::uint32_t ICACHE_INVALIDATE_ENA = 1U << 0;
inline constexpr std::uint32_t ICACHE_SYNC_DONE = 1U << 1;
}  // namespace EXTMEM_ICACHE_SYNC_CTRL

namespace EXTMEM_CACHE_STATE {
inline constexpr std::uint32_t ICACHE_STATE_Msk = 0xFFFU;
inline constexpr std::uint32_t IDLE = 1;
}  // namespace EXTMEM_CACHE_STATE

}  // namespace esp32c3
