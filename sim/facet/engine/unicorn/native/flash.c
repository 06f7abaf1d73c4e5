/* Waiting for the flash: the STM32L4's flash interface and the ESP32-C3's cache of its flash. */
#include <string.h>

#include "core.h"

#define FLASH_LINE_SHIFT 5    /* 256-bit lines: RM0351, 3.3.4 */
#define EXTERNAL_LINE_SHIFT 5 /* 32-byte lines: ESP32-C3 TRM, 3.3.3 */

void facet_flush_cache(Core* core) {
  memset(core->slot_of_line, 0, sizeof core->slot_of_line);
  memset(core->line_used, 0, sizeof core->line_used);
  core->cache_clock = 0;
  core->current_line = ~0u;
}

/* Half cycles that the core waits for code in the flash line numbered `line`.
 *
 * FIDELITY: code is fetched a block at a time, a line is whole as soon as its first 64 bits have
 * come, and data reads from flash wait for nothing; silicon fetches word by word and has 8 data
 * lines of its own; hides the stalls of constants and weights: in an inference of facet-small on
 * the L476 6.0 % of its 13.7 million cycles if each 64-bit word of a line waits once (205,880 times
 * 4 wait states), 2.2 % if a line is whole when its first word comes (74,130 misses), 10.3 % if the
 * core waits for the whole line (19 cycles), as benchmarks.flash_data counts.
 */
static uint32_t fetch_line(Core* core, uint32_t line, uint32_t chunks) {
  uint32_t held = core->slot_of_line[line];
  if (__builtin_expect(held != 0, 1)) {
    core->line_used[held - 1] = ++core->cache_clock;
    return 0;
  }
  if (line == core->current_line && core->cache_enabled) return 0;
  core->cache_misses++;
  /* The first 64-bit read waits in full; the following ones are read ahead while four 16-bit
   * instructions run, where prefetch is on (RM0351, 3.3.4, figure 4). */
  uint32_t ahead = core->wait_states + 1 > 4 ? core->wait_states + 1 - 4 : 0;
  uint32_t stall =
      core->wait_states + (chunks - 1) * (core->prefetch_enabled ? ahead : core->wait_states);
  core->current_line = line;
  if (core->cache_enabled) {
    uint32_t victim = 0;
    for (uint32_t i = 1; i < CACHE_LINES; i++)
      if (core->line_used[i] < core->line_used[victim]) victim = i;
    if (core->line_used[victim]) core->slot_of_line[core->line_held[victim]] = 0;
    core->line_held[victim] = line;
    core->line_used[victim] = ++core->cache_clock;
    core->slot_of_line[line] = (uint8_t)(victim + 1);
  }
  core->stall_cycles += stall;
  return 2 * stall;
}

/* Half cycles that the core waits for `size` bytes of code at `first`, from the flash's base. */
uint32_t fetch_flash(Core* core, uint32_t first, uint32_t size) {
  uint32_t last = first + size - 1;
  uint32_t half_cycles = 0;
  for (uint32_t line = first >> FLASH_LINE_SHIFT; line <= last >> FLASH_LINE_SHIFT; line++) {
    uint32_t begin = line << FLASH_LINE_SHIFT, end = begin + (1u << FLASH_LINE_SHIFT) - 1;
    if (begin < first) begin = first;
    if (end > last) end = last;
    half_cycles += fetch_line(core, line, (end >> 3) - (begin >> 3) + 1);
  }
  return half_cycles;
}

void facet_flush_external_cache(Core* core) {
  memset(core->external_line, 0xFF, sizeof core->external_line); /* no line has this number */
  memset(core->external_used, 0, sizeof core->external_used);
  core->external_clock = 0;
  core->external_last_line = ~0u;
}

/* Half cycles that the core waits for code at `first` to `last`, addresses of external flash.
 *
 * FIDELITY: only code goes through the cache, and the least recently used line of a set makes room;
 * on silicon constants and weights read from flash share the 16 KB with the code, by a policy that
 * the manual does not name; hides the stalls of weights and those of code that they push out: in
 * an inference of facet-small 4,626 misses of 2,021,716 loads and 914 more of code, as
 * benchmarks.flash_data counts with one shared cache, at 20 MHz on one line (2,368 cycles
 * each) 13.1 million cycles on 22.7 million, 58 %, and with DIO at 80 MHz (304 cycles each)
 * some 7.4 %.
 */
uint32_t fetch_external(Core* core, uint32_t first, uint32_t size) {
  uint32_t last = first + size - 1;
  uint32_t half_cycles = 0;
  for (uint32_t line = first >> EXTERNAL_LINE_SHIFT; line <= last >> EXTERNAL_LINE_SHIFT; line++) {
    if (line == core->external_last_line) continue;
    core->external_last_line = line;
    uint32_t set = line % EXTERNAL_SETS, way = 0;
    while (way < EXTERNAL_WAYS && core->external_line[set][way] != line) way++;
    if (__builtin_expect(way == EXTERNAL_WAYS, 0)) {
      way = 0;
      for (uint32_t i = 1; i < EXTERNAL_WAYS; i++)
        if (core->external_used[set][i] < core->external_used[set][way]) way = i;
      core->external_line[set][way] = line;
      core->cache_misses++;
      core->stall_cycles += core->line_fill_cycles;
      half_cycles += 2 * core->line_fill_cycles;
    }
    core->external_used[set][way] = ++core->external_clock;
  }
  return half_cycles;
}
