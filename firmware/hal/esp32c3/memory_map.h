// Symbols that esp32c3.ld defines; only their addresses mean something.
#pragma once

#include <cstdint>

extern "C" {
extern std::uint32_t __stack_bottom[];
extern std::uint32_t __stack_top[];
extern const std::uint32_t __iram_load[];
extern const std::uint32_t __iram_size[];  // its address is the size
extern std::uint32_t __iram_as_data[];
extern const std::uint32_t __data_load[];
extern std::uint32_t __data_start[];
extern std::uint32_t __data_end[];
extern std::uint32_t __bss_start[];
extern std::uint32_t __bss_end[];
extern std::uint8_t __arena_start[];
extern std::uint8_t __arena_end[];
extern void (*__init_array_start[])();
extern void (*__init_array_end[])();
}

/// Code that runs from SRAM1: interrupt handlers, which no cache miss shall delay, and what runs
/// while the flash's clock changes.
#define ESP32C3_IRAM __attribute__((section(".iram")))
