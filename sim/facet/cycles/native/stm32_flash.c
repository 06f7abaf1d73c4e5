#include "stm32_flash.h"

#include <string.h>

#define WORD_SHIFT 3 /* 64 bits */
#define LINE_WORDS 4
#define NO_WORD 0xFFFFFFFFu

static void empty(Stm32Lines* cache, uint32_t lines) {
  memset(cache, 0, sizeof *cache);
  cache->lines = lines;
}

void stm32_flash_reset_code(Stm32Flash* flash) {
  empty(&flash->code, STM32_CODE_LINES);
  flash->current = flash->ahead = NO_WORD;
}

void stm32_flash_reset_data(Stm32Flash* flash) { empty(&flash->data, STM32_DATA_LINES); }

/* Whether the cache holds a word; a line that is asked for becomes the latest. */
static int holds(Stm32Lines* cache, uint32_t word) {
  uint32_t line = word / LINE_WORDS % STM32_FLASH_LINES;
  uint32_t slot = cache->slot_of_line[line];
  if (!slot) return 0;
  cache->used[slot - 1] = ++cache->clock;
  return cache->valid[slot - 1] >> word % LINE_WORDS & 1;
}

static void keep(Stm32Lines* cache, uint32_t word) {
  uint32_t line = word / LINE_WORDS % STM32_FLASH_LINES;
  uint32_t slot = cache->slot_of_line[line];
  if (!slot) {
    uint32_t victim = 0;
    for (uint32_t i = 1; i < cache->lines; i++)
      if (cache->used[i] < cache->used[victim]) victim = i;
    if (cache->used[victim]) cache->slot_of_line[cache->held[victim]] = 0;
    cache->held[victim] = line;
    cache->valid[victim] = 0;
    slot = victim + 1;
    cache->slot_of_line[line] = (uint8_t)slot;
  }
  cache->used[slot - 1] = ++cache->clock;
  cache->valid[slot - 1] |= (uint8_t)(1u << word % LINE_WORDS);
}

/* Cycles until the code side has `word`, which is in neither the cache nor the current buffer. */
static uint32_t read_code(Stm32Flash* flash, uint32_t word, uint64_t now) {
  uint32_t stall = flash->wait_states;
  if (word == flash->ahead) {
    stall = flash->ahead_ready > now ? (uint32_t)(flash->ahead_ready - now) : 0;
  } else {
    flash->code_misses++;
  }
  if (flash->code_cache) keep(&flash->code, word);
  if (flash->prefetch) {
    flash->ahead = word + 1;
    flash->ahead_ready = now + stall + flash->wait_states + 1;
  }
  flash->stall_cycles += stall;
  return stall;
}

/* Uses all words from `first` to `last`, if the cache holds every one. */
static int use_all(Stm32Lines* cache, uint32_t first, uint32_t last) {
  for (uint32_t line = first / LINE_WORDS; line <= last / LINE_WORDS; line++) {
    uint32_t slot = cache->slot_of_line[line % STM32_FLASH_LINES];
    uint32_t from = line == first / LINE_WORDS ? first % LINE_WORDS : 0;
    uint32_t to = line == last / LINE_WORDS ? last % LINE_WORDS : LINE_WORDS - 1;
    uint32_t wanted = ((2u << to) - 1) & ~((1u << from) - 1);
    if (!slot || (cache->valid[slot - 1] & wanted) != wanted) return 0;
    cache->used[slot - 1] = ++cache->clock;
  }
  return 1;
}

uint32_t stm32_flash_execute(Stm32Flash* flash, uint32_t first, uint32_t size, uint64_t now,
                             const uint8_t* spent) {
  uint32_t stalls = 0;
  uint32_t last = (first + size - 1) >> WORD_SHIFT;
  if (flash->code_cache && use_all(&flash->code, first >> WORD_SHIFT, last)) {
    flash->current = last;
    return 0;
  }
  for (uint32_t word = first >> WORD_SHIFT; word <= last; word++) {
    if (flash->code_cache && holds(&flash->code, word)) {
      flash->current = word;
    } else if (word != flash->current) {
      uint32_t stall = read_code(flash, word, now + stalls);
      note_wait(&flash->waits, word - (first >> WORD_SHIFT), CAUSE_FLASH_CODE, stall);
      stalls += stall;
      flash->current = word;
    }
    now += *spent++;
  }
  return stalls;
}

uint32_t stm32_flash_read(Stm32Flash* flash, uint32_t offset, uint32_t bytes, uint64_t now) {
  uint32_t stalls = 0;
  /* Without the cache nothing keeps what a word brought besides the bytes asked for. */
  uint32_t last = (offset + bytes - 1) >> WORD_SHIFT;
  for (uint32_t word = offset >> WORD_SHIFT; word <= last; word++) {
    if (flash->data_cache && holds(&flash->data, word)) continue;
    if (flash->data_cache) keep(&flash->data, word);
    flash->data_misses++;
    stalls += flash->wait_states;
  }
  /* The data side goes first (RM0351, 3.3.4): what is being read ahead comes later. */
  if (stalls && flash->ahead_ready > now) flash->ahead_ready += stalls + 1;
  flash->stall_cycles += stalls;
  return stalls;
}
