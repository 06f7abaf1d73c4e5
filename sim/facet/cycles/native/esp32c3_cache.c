#include "esp32c3_cache.h"

#include <string.h>

#define NO_LINE 0xFFFFFFFFu

void esp32c3_cache_flush(Esp32c3Cache* cache) {
  memset(cache->held, 0, sizeof cache->held);
  memset(cache->line, 0xFF, sizeof cache->line);
  memset(cache->oldest, 0, sizeof cache->oldest);
  cache->last_read = NO_LINE;
  cache->fills++;
}

/* Makes sure that a line is held; whether it had to be fetched. */
static int fetch(Esp32c3Cache* cache, uint32_t line) {
  if (cache->held[line]) return 0;
  uint32_t set = line % ESP32C3_SETS, way = cache->oldest[set];
  if (cache->line[set][way] != NO_LINE) cache->held[cache->line[set][way]] = 0;
  cache->line[set][way] = line;
  cache->held[line] = 1;
  cache->oldest[set] = (uint8_t)((way + 1) % ESP32C3_WAYS);
  cache->fills++;
  cache->last_read = NO_LINE;
  cache->stall_cycles += cache->line_fill_cycles;
  return 1;
}

static uint32_t access_lines(Esp32c3Cache* cache, uint32_t address, uint32_t bytes,
                             uint64_t* misses, Waits* waits) {
  uint32_t offset = address % ESP32C3_WINDOW, filled = 0;
  uint32_t first = offset >> ESP32C3_LINE_SHIFT;
  uint32_t last = ((offset + bytes - 1) % ESP32C3_WINDOW) >> ESP32C3_LINE_SHIFT;
  for (uint32_t line = first; line <= last; line++) {
    uint32_t fetched = (uint32_t)fetch(cache, line);
    if (waits) note_wait(waits, line - first, CAUSE_FLASH_CODE, fetched * cache->line_fill_cycles);
    filled += fetched;
  }
  *misses += filled;
  return filled * cache->line_fill_cycles;
}

uint32_t esp32c3_cache_execute(Esp32c3Cache* cache, uint32_t address, uint32_t bytes) {
  return access_lines(cache, address, bytes, &cache->code_misses, &cache->waits);
}

uint32_t esp32c3_cache_read(Esp32c3Cache* cache, uint32_t address, uint32_t bytes) {
  uint32_t line = address % ESP32C3_WINDOW >> ESP32C3_LINE_SHIFT;
  if (line == cache->last_read) return 0;
  uint32_t cycles = access_lines(cache, address, bytes, &cache->data_misses, 0);
  cache->last_read = line;
  return cycles;
}
