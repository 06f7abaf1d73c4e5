/* The Cortex-M4's pipeline, cycle by cycle: fetch queue, decode with address generation, execute.
 *
 * Known from public measurements: three words of prefetch (Arm KA 103488664, Cortex-M3 TRM 1.2.1),
 * branches with an immediate target resolved in decode, the stall of an address that the
 * instruction before computes, and load-store pipelining ("CMEmu", Matraszek et al., whose dumps
 * of an STM32F100 and a CC2652 the project's accuracy page uses); the numbers in M4Timing were
 * fitted to a NUCLEO-L4R5ZI (docs/accuracy.md).
 */
#ifndef FACET_M4_PIPELINE_H
#define FACET_M4_PIPELINE_H

#include <stdint.h>

#include "causes.h"

enum {
  M4_ALU,
  M4_LOAD, /* one word, halfword or byte */
  M4_STORE,
  M4_LOAD_MULTIPLE, /* LDM, POP, LDRD, VLDM: `beats` words */
  M4_STORE_MULTIPLE,
  M4_BRANCH,       /* to an address known in decode: B, BL, BX LR */
  M4_BRANCH_IF,    /* the same with a condition */
  M4_JUMP,         /* to a register or out of arithmetic: resolved in execute */
  M4_JUMP_IF,      /* CBZ, CBNZ, and a jump in an IT block */
  M4_LOAD_PC,      /* LDR PC, POP {.., PC} */
  M4_TABLE_BRANCH, /* TBB, TBH */
  M4_IT
};

enum { M4_REGISTER_OFFSET = 1, M4_WRITES_BACK = 2, M4_NOP = 4, M4_DIVIDES = 8 };

/* One instruction; registers as bits, R0 to R15 in the lower half, S0 to S31 folded above. */
typedef struct {
  uint8_t halfwords;
  uint8_t kind;
  uint8_t cycles; /* in execute; of a multiple access: words moved */
  uint8_t flags;
  uint32_t address_reads; /* used to form an address, in decode */
  uint32_t reads;
  uint32_t writes;
} M4Step;

/* What depends on the memory beside the core, and what was fitted; in cycles. */
typedef struct {
  uint32_t load_after_load, store_after_load, load_after_store, store_after_store;
  uint32_t load_use;      /* an arithmetic instruction that needs what was just loaded */
  uint32_t lone_load_use; /* the same where the load did not overlap another access */
  uint32_t address_stall; /* an address that the instruction before computes */
  uint32_t store_indexed; /* STR with a register offset */
  uint32_t load_pc_refill;
  uint32_t flash_load; /* the first of overlapping loads from flash */
} M4Timing;

#define M4_FLIGHTS 4

/* Where the pipeline stands when an instruction has just left decode; times count from there. */
typedef struct {
  int8_t head, queue; /* halfwords ready for decode, and behind them */
  int8_t flights;     /* words on the way */
  int8_t redirected;  /* they come from the target of a branch */
  int8_t arrival[M4_FLIGHTS], halfwords[M4_FLIGHTS];
  int8_t execute_free;   /* from when on an instruction may enter execute */
  int8_t pipelined_free; /* the same for a load or store; 0 if it has no privilege */
  int8_t bus_used;       /* address cycle of the last access */
  int8_t bus_wrote;
  int8_t holds_until; /* execute holds the fetching ahead up to this cycle */
  int8_t eats_nop;    /* a NOP takes no cycle now */
  int8_t computed_at, loaded_at, loaded_alone;
  uint32_t computed, loaded; /* registers that are on the way */
} M4State;

void m4_restart(M4State* state);

/* Runs a block through the pipeline.
 *
 * state:   before it; afterwards the state behind it.
 * taken:   whether its last instruction branches.
 * leaves:  unless null, gets for each instruction the cycle in which it leaves decode.
 * causes:  unless null, all zeros, gets for each instruction its cycles by cause.
 * Returns the cycles from the last instruction of the block before leaving decode to the last of
 * this one doing so.
 */
uint32_t m4_run(const M4Timing* timing, M4State* state, const M4Step* steps, uint32_t count,
                uint32_t address, int taken, uint16_t* leaves, StepCauses* causes);

/* Cycles of UDIV and SDIV, 2 to 12: four bits of the quotient a cycle, as measured on a CC2650 and
 * a CC2652 ("CMEmu"). */
uint32_t m4_divide_cycles(uint32_t dividend, uint32_t divisor, int is_signed);

#endif
