/* Called by Unicorn at the entry of every translated block: adds up what the block costs and
 * stops the core when the next event of the board is due.
 *
 * What a block costs on its own is worked out once, in Python (`on_new_block`), and kept in a
 * table; here the run adds what only it knows: whether the branch before was taken, and which
 * flash lines missed. Everything is counted in half cycles, because a taken conditional branch
 * costs two and a half on average.
 */
#include <stdint.h>
#include <string.h>

#define BLOCK_SLOTS 65536u /* a power of two; open addressing */
#define FLASH_LINE_SHIFT 5 /* 256-bit lines: RM0351, 3.3.4 */
#define CACHE_LINES 32     /* instruction cache, same section */
#define FLASH_LINES 32768u /* 1 MB of 32-byte lines, the largest L476 */

/* The ESP32-C3's cache in front of its external flash: 16 KB, eight ways, 32-byte lines (TRM,
 * 3.3.3). */
#define EXTERNAL_LINE_SHIFT 5
#define EXTERNAL_WAYS 8
#define EXTERNAL_SETS 64u /* 16 KB / 32 / 8 */

enum { MAY_UNMASK = 1, IN_FLASH = 2, CACHED = 4 };

typedef struct {
  uint32_t address; /* 1 marks an empty slot: no instruction lies at an odd address */
  uint32_t size;
  uint32_t half_cycles; /* of the block itself, its last instruction's branch left out */
  uint16_t taken;       /* half cycles of the last instruction when it branches */
  uint16_t fallthrough; /* and when it does not */
  uint16_t entry;       /* added when the block is branched to (alignment of its first word) */
  uint16_t instructions;
  uint32_t flags;
} Block;

typedef struct {
  uint32_t clock;     /* of the least-recently-used order */
  uint32_t last_line; /* the line fetched from last: mostly the next one as well */
  uint32_t line[EXTERNAL_SETS][EXTERNAL_WAYS];
  uint32_t used[EXTERNAL_SETS][EXTERNAL_WAYS];
} ExternalCache;

typedef struct {
  uint64_t half_cycles;
  uint64_t deadline; /* in half cycles */
  uint64_t instructions;
  uint64_t stall_cycles; /* of the above, waited for the flash */
  uint64_t cache_misses;
  void (*stop)(void *uc);
  void (*on_new_block)(uint32_t address, uint32_t size, Block *slot);
  uint32_t interrupt_pending; /* one that is masked now may become takeable */
  uint32_t deadline_hit;
  uint32_t last_address, last_size; /* of the block under way */
  uint32_t last_taken, last_fallthrough;
  uint32_t blocks_known;
  /* the flash interface */
  uint32_t flash_base, flash_size;
  uint32_t wait_states, cache_enabled, prefetch_enabled;
  uint32_t line_fill_cycles; /* of the external flash's cache */
  uint32_t clock;            /* of the cache's least-recently-used order */
  uint32_t current_line;
  uint32_t line_used[CACHE_LINES], line_held[CACHE_LINES];
  uint8_t slot_of_line[FLASH_LINES]; /* slot + 1, or 0 */
  ExternalCache external;
  Block blocks[BLOCK_SLOTS];
} Core;

uint32_t facet_core_size(void) { return sizeof(Core); }

void facet_forget_blocks(Core *core) {
  for (uint32_t i = 0; i < BLOCK_SLOTS; i++) core->blocks[i].address = 1;
  core->blocks_known = 0;
}

void facet_flush_cache(Core *core) {
  memset(core->slot_of_line, 0, sizeof core->slot_of_line);
  memset(core->line_used, 0, sizeof core->line_used);
  core->clock = 0;
  core->current_line = ~0u;
}

static Block *find_block(Core *core, uint32_t address, uint32_t size) {
  uint32_t slot = (address >> 1 ^ address >> 14) & (BLOCK_SLOTS - 1);
  for (;; slot = (slot + 1) & (BLOCK_SLOTS - 1)) {
    Block *block = &core->blocks[slot];
    if (__builtin_expect(block->address == address, 1)) {
      if (__builtin_expect(block->size == size, 1)) return block;
      core->on_new_block(address, size, block); /* translated anew with another length */
      return block;
    }
    if (block->address == 1) {
      if (++core->blocks_known > BLOCK_SLOTS / 4 * 3) {
        facet_forget_blocks(core);
        core->blocks_known = 1;
      }
      core->on_new_block(address, size, block);
      return block;
    }
  }
}

/* Half cycles that the core waits for code in the flash line numbered `line`.
 *
 * FIDELITY: code is fetched a block at a time, a line is whole as soon as its first 64 bits have
 * come, and data reads from flash wait for nothing; silicon fetches word by word and has 8 data
 * lines of its own; hides the stalls of constants and weights: in an inference of facet-small on the
 * L476 6.0 % of its 13.7 million cycles if each 64-bit word of a line waits once (205,880 times 4
 * wait states), 2.2 % if a line is whole when its first word comes (74,130 misses), 10.3 % if the
 * core waits for the whole line (19 cycles), as benchmarks.flash_data counts.
 */
static uint32_t fetch_line(Core *core, uint32_t line, uint32_t chunks) {
  uint32_t held = core->slot_of_line[line];
  if (__builtin_expect(held != 0, 1)) {
    core->line_used[held - 1] = ++core->clock;
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
    core->line_used[victim] = ++core->clock;
    core->slot_of_line[line] = (uint8_t)(victim + 1);
  }
  core->stall_cycles += stall;
  return 2 * stall;
}

static uint32_t fetch(Core *core, uint32_t first, uint32_t last) {
  uint32_t half_cycles = 0;
  for (uint32_t line = first >> FLASH_LINE_SHIFT; line <= last >> FLASH_LINE_SHIFT; line++) {
    uint32_t begin = line << FLASH_LINE_SHIFT, end = begin + (1u << FLASH_LINE_SHIFT) - 1;
    if (begin < first) begin = first;
    if (end > last) end = last;
    half_cycles += fetch_line(core, line, (end >> 3) - (begin >> 3) + 1);
  }
  return half_cycles;
}

void facet_flush_external_cache(Core *core) {
  ExternalCache *cache = &core->external;
  memset(cache->line, 0xFF, sizeof cache->line); /* no line has this number */
  memset(cache->used, 0, sizeof cache->used);
  cache->clock = 0;
  cache->last_line = ~0u;
}

/* Half cycles that the core waits for code at `first` to `last`, addresses of external flash.
 *
 * FIDELITY: only code goes through the cache, and the least recently used line of a set makes room;
 * on silicon constants and weights read from flash share the 16 KB with the code, by a policy that
 * the manual does not name; hides the stalls of weights and those of code that they push out: in
 * an inference of facet-small 4,626 misses of 2,021,716 loads and 914 more of code, as
 * benchmarks.flash_data counts with one shared cache, at 20 MHz on one line (2,368 cycles each) 13.1
 * million cycles on 22.7 million, 58 %, and with DIO at 80 MHz (304 cycles each) some 7.4 %.
 */
static uint32_t fetch_external(Core *core, uint32_t first, uint32_t last) {
  ExternalCache *cache = &core->external;
  uint32_t half_cycles = 0;
  for (uint32_t line = first >> EXTERNAL_LINE_SHIFT; line <= last >> EXTERNAL_LINE_SHIFT; line++) {
    if (line == cache->last_line) continue;
    cache->last_line = line;
    uint32_t set = line % EXTERNAL_SETS, way = 0;
    while (way < EXTERNAL_WAYS && cache->line[set][way] != line) way++;
    if (__builtin_expect(way == EXTERNAL_WAYS, 0)) {
      way = 0;
      for (uint32_t i = 1; i < EXTERNAL_WAYS; i++)
        if (cache->used[set][i] < cache->used[set][way]) way = i;
      cache->line[set][way] = line;
      core->cache_misses++;
      core->stall_cycles += core->line_fill_cycles;
      half_cycles += 2 * core->line_fill_cycles;
    }
    cache->used[set][way] = ++cache->clock;
  }
  return half_cycles;
}

void facet_on_block(void *uc, uint64_t at, uint32_t size, void *user) {
  Core *core = user;
  uint32_t address = (uint32_t)at;
  if (__builtin_expect(core->half_cycles >= core->deadline, 0)) {
    core->deadline_hit = 1;
    core->stop(uc); /* the block does not run; it is entered again on resuming */
    return;
  }
  Block *block = find_block(core, address, size);
  if (block->address != address) return; /* it was refused: Unicorn stops before it runs */
  uint32_t cost = block->half_cycles;
  if (address == core->last_address + core->last_size)
    cost += core->last_fallthrough;
  else
    cost += core->last_taken + block->entry;
  if ((block->flags & IN_FLASH) && core->wait_states) {
    uint32_t offset = address - core->flash_base;
    cost += fetch(core, offset, offset + size - 1);
  } else if (block->flags & CACHED) {
    cost += fetch_external(core, address, address + size - 1);
  }
  core->half_cycles += cost;
  core->instructions += block->instructions;
  core->last_address = address;
  core->last_size = size;
  core->last_taken = block->taken;
  core->last_fallthrough = block->fallthrough;
  if (__builtin_expect((block->flags & MAY_UNMASK) && core->interrupt_pending, 0))
    core->deadline = 0; /* look again at the interrupts once the block has run */
}
