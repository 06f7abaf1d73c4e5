// Where a variable lives. Everything else goes to the main RAM, beside the arena.
#pragma once

/// Zeroed memory in the second RAM, for buffers: what stands there leaves room for the arena.
#ifdef __arm__
#define HAL_SRAM2 __attribute__((section(".sram2")))
#else
#define HAL_SRAM2
#endif
