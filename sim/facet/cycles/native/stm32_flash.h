/* Waiting for the STM32L4's flash, by RM0351, 3.3.4 ("ART Accelerator").
 *
 * The array gives 64 bits a read, WS + 1 cycles each. Code: the word that is being executed from
 * waits in a current buffer, the next one is read ahead where PRFTEN is set, and an instruction
 * cache keeps 32 lines of four words. Data: the same with 8 lines, without reading ahead.
 *
 * FIDELITY:
 *   model: A prefetch is aborted at once for another address, and the core's fetch queue hides none
 *     of the remaining wait.
 *   silicon: The manual says that a miss costs at least the wait states. No measurement of an L4 is
 *     public.
 *   hides: Up to WS cycles of a miss, either way.
 */
#ifndef FACET_STM32_FLASH_H
#define FACET_STM32_FLASH_H

#include <stdint.h>

#include "causes.h"

#define STM32_CODE_LINES 32
#define STM32_DATA_LINES 8
#define STM32_FLASH_LINES 32768u /* 1 MB of 32-byte lines, the largest L476 */

/* One cache: lines of four 64-bit words, each word valid by itself; the least recently used line
 * makes room. */
typedef struct {
  uint32_t clock;
  uint32_t lines;
  uint32_t used[STM32_CODE_LINES], held[STM32_CODE_LINES];
  uint8_t valid[STM32_CODE_LINES];         /* a bit for each word of the line */
  uint8_t slot_of_line[STM32_FLASH_LINES]; /* slot + 1, or 0 */
} Stm32Lines;

typedef struct {
  uint32_t base, size;
  uint32_t wait_states, prefetch, code_cache, data_cache;
  uint64_t stall_cycles, code_misses, data_misses;
  uint32_t current;     /* the 64-bit word in the current buffer of the code side */
  uint32_t ahead;       /* the one that is read ahead */
  uint64_t ahead_ready; /* the cycle in which it is there */
  Stm32Lines code, data;
  Waits waits; /* for code in the block under way, by 64-bit word */
} Stm32Flash;

void stm32_flash_reset_code(Stm32Flash* flash);
void stm32_flash_reset_data(Stm32Flash* flash);

/* Cycles that executing [first, first + size), offsets into the flash, waits.
 *
 * now:   the cycle in which its first instruction would run without waits.
 * spent: for each 64-bit word, the cycles of the instructions that begin in it.
 */
uint32_t stm32_flash_execute(Stm32Flash* flash, uint32_t first, uint32_t size, uint64_t now,
                             const uint8_t* spent);

/* Cycles that a load of `bytes` at `offset` into the flash waits. */
uint32_t stm32_flash_read(Stm32Flash* flash, uint32_t offset, uint32_t bytes, uint64_t now);

#endif
