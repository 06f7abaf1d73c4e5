// Symbols that sections.ld defines; only their addresses mean something.
#pragma once

#include <cstdint>

extern "C" {
extern std::uint32_t __stack_bottom[];
extern std::uint32_t __stack_top[];
extern const std::uint32_t __data_load[];
extern std::uint32_t __data_start[];
extern std::uint32_t __data_end[];
extern std::uint32_t __bss_start[];
extern std::uint32_t __bss_end[];
extern std::uint32_t __sram2_bss_start[];
extern std::uint32_t __sram2_bss_end[];
extern std::uint8_t __arena_start[];
extern std::uint8_t __arena_end[];
extern void (*__init_array_start[])();
extern void (*__init_array_end[])();
}
