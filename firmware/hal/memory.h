// The RAM of a variable. Everything else is in the main RAM, with the arena.
#pragma once

/// Zeroed memory in the second RAM, for buffers: it leaves room for the arena.
#ifdef __arm__
#define HAL_SRAM2 __attribute__((section(".sram2")))
#else
#define HAL_SRAM2
#endif
