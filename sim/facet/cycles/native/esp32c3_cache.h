/* The ESP32-C3's cache between its core and the external flash: 16 KB, eight ways, 32-byte lines,
 * for code and data alike (TRM, 3.3.3).
 *
 * Its tags hold a FIFO count (ESP-IDF, esp_rom/esp32c3/include/esp32c3/rom/cache.h,
 * `struct tag_item`: valid, lock, fifo_cnt), so the line that came first makes room.
 *
 * FIDELITY:
 *   model: Locked and preloaded lines do not exist. A miss costs the transfer of the whole line.
 *   silicon: The required word may come first.
 *   hides: Some 20 % of a miss.
 */
#ifndef FACET_ESP32C3_CACHE_H
#define FACET_ESP32C3_CACHE_H

#include <stdint.h>

#include "causes.h"

#define ESP32C3_WAYS 8
#define ESP32C3_SETS 64u
#define ESP32C3_LINE_SHIFT 5
/* IROM and DROM show the same 8 MB: one MMU table serves both. */
#define ESP32C3_WINDOW (8u << 20)

typedef struct {
  uint32_t line_fill_cycles;
  uint32_t fills; /* changes with each fill: what was looked up before it may be gone */
  uint64_t stall_cycles, code_misses, data_misses;
  uint32_t last_read; /* the line that data was read from last */
  uint8_t oldest[ESP32C3_SETS];
  uint32_t line[ESP32C3_SETS][ESP32C3_WAYS];
  uint8_t held[ESP32C3_WINDOW >> ESP32C3_LINE_SHIFT];
  Waits waits; /* for code in the block under way, by line */
} Esp32c3Cache;

void esp32c3_cache_flush(Esp32c3Cache* cache);

/* Cycles that fetching or reading `bytes` at `address` waits. */
uint32_t esp32c3_cache_execute(Esp32c3Cache* cache, uint32_t address, uint32_t bytes);
uint32_t esp32c3_cache_read(Esp32c3Cache* cache, uint32_t address, uint32_t bytes);

#endif
