/* Why a cycle passed, for the profiler: the causes, and where a block waited for memory. */
#ifndef FACET_CAUSES_H
#define FACET_CAUSES_H

#include <stdint.h>

/* The numbers are mirrored in Python (facet/engine/profiling.py). The first ones follow from the
 * block and the state of the pipeline; the others are known in each run only. */
enum {
  CAUSE_ISSUE,   /* an instruction leaves decode: one cycle each */
  CAUSE_EXECUTE, /* further cycles of an instruction: transfers of several words, VMLA ... */
  CAUSE_LOAD,    /* loads and stores: the word is not there yet, or the bus is busy */
  CAUSE_FETCH,   /* the core's own fetch queue is empty in straight code */
  CAUSE_BRANCH,  /* the pipeline is filled again behind a branch */
  CAUSE_DIVIDE,  /* further cycles of a division */
  FIXED_CAUSES,
  CAUSE_UNALIGNED = FIXED_CAUSES, /* further accesses for data that is not aligned */
  CAUSE_BUS,                      /* an access waits for a slower bus of peripherals */
  CAUSE_FLASH_CODE,               /* code waits for flash */
  CAUSE_FLASH_DATA,               /* data waits for flash */
  CAUSE_EXCEPTION,                /* entry and return of exceptions */
  CAUSES
};

/* The cycles of one instruction by cause. */
typedef struct {
  uint8_t cycles[FIXED_CAUSES];
} StepCauses;

#define WAITS 512u

/* A wait of the block under way. */
typedef struct {
  uint16_t place; /* instruction, word or line of the block, from 0 */
  uint16_t cause;
  uint32_t cycles;
} Wait;

typedef struct {
  uint32_t count;
  Wait wait[WAITS];
} Waits;

static inline void note_wait(Waits* waits, uint32_t place, uint32_t cause, uint32_t cycles) {
  if (!cycles) return;
  if (waits->count == WAITS) { /* the last entry takes what has no room */
    waits->wait[WAITS - 1].cycles += cycles;
    return;
  }
  waits->wait[waits->count++] = (Wait){(uint16_t)place, (uint16_t)cause, cycles};
}

#endif
