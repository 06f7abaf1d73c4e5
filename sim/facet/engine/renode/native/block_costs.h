/* What the blocks of a core in Renode cost: Renode calls `facet_renode_block` at the entry of each.
 *
 * Python (engine/renode/costs.py) owns the memory of a BlockCosts and mirrors its head, up to
 * `known`; the shim's C# mirrors the counters.
 */
#ifndef FACET_BLOCK_COSTS_H
#define FACET_BLOCK_COSTS_H

#include <stdint.h>

#include "cycle_model.h"

#define SLOTS 65536u /* of blocks; a power of two; open addressing */

typedef struct {
  uint32_t address; /* 1: empty; no instruction lies at an odd address */
  uint32_t instructions;
  uint32_t site; /* its first instruction is one that Renode carries out in another way */
  CycleBlock cost;
} Slot;

typedef struct {
  uint64_t cycles; /* so far, the block under way as a whole */
  uint64_t deadline;
  uint32_t attention;                        /* the run stops before the next block */
  uint32_t stopped;                          /* it did, there or for the deadline */
  uint32_t block_cycles, block_instructions; /* of the block under way */
  /* The shim's part: whether the block with a site at `address` is to run. */
  uint32_t (*on_site)(uint32_t address);
  /* Python's part: fills in the site and the costs of a block of `instructions`. */
  void (*describe)(uint32_t address, uint32_t instructions, Slot* slot);
  uint32_t known;
  uint32_t skipped; /* cycles of skipped instructions that are still to be taken off */
  CycleModel model;
  Slot slot[SLOTS];
} BlockCosts;

void facet_renode_init(BlockCosts* costs);

/* The core whose blocks are entered from now on in this thread. */
void facet_renode_use(BlockCosts* costs);

/* Renode's hook: 0 keeps the block from running. */
uint32_t facet_renode_block(uint64_t address, uint32_t instructions);

/* An instruction was carried out in place of Renode. */
void facet_renode_carried_out(BlockCosts* costs, uint32_t address);

/* The Cortex-M4 divides: its cycles but for the two that the block has for it. */
void facet_renode_divide(BlockCosts* costs, uint32_t dividend, uint32_t divisor,
                         uint32_t is_signed);

/* An IT skips the instruction that comes next: it takes so many cycles less. */
void facet_renode_skip(BlockCosts* costs, uint32_t cycles);

/* An exception is entered or left: its cycles, and the pipeline starts again. */
void facet_renode_spend(BlockCosts* costs, uint32_t cycles);

void facet_renode_forget(BlockCosts* costs);

#endif
