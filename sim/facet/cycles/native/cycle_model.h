/* What a run costs: the core's pipeline, the memory that code comes from, and data read from flash.
 *
 * A block is described once (its instructions as steps, its accesses); here a run adds what only it
 * knows: in which state the pipeline was when the block began, which words of flash waited, and
 * where its loads went. How a block runs from a given state of the pipeline is worked out when that
 * happens first and kept with the block.
 */
#ifndef FACET_CYCLE_MODEL_H
#define FACET_CYCLE_MODEL_H

#include <stdint.h>

#include "causes.h"
#include "esp32c3_cache.h"
#include "m4_pipeline.h"
#include "rv32_pipeline.h"
#include "stm32_flash.h"

#define BLOCK_STEPS 1024     /* QEMU translates at most 512 instructions at once */
#define PATHS 6              /* of a block that are kept */
#define STATES 1024u         /* of the pipeline that have a number; a power of two */
#define STEP_POOL (1u << 18) /* instructions of all blocks */
#define SPENT_POOL (1u << 18)
#define GROUP_POOL (1u << 17)
#define ACCESS_POOL (1u << 18)
#define POINTER_POOL (1u << 17)
#define FIRST_POINTER 64u /* AccessGroup.base and .index: numbers of registers lie below */
#define NO_REGISTER 0xFFu
#define MEMORIES 288 /* the ESP32-C3 may show each of 128 pages of flash on two buses */
#define DELAYS 32
#define OTHER_GROUP 63u /* also: one whose memory is not known */
#define NO_LOAD 0xFFu

enum { CODE_IN_FLASH = 1, CODE_CACHED = 2 }; /* CycleBlock.placement */
enum { CORE_M4, CORE_RV32 };
enum { PART_FLASH = 1, PART_DATA = 2 }; /* CycleModel.parts: what counts besides the core */

/* How a block runs from one state of the pipeline. */
typedef struct {
  uint16_t state; /* before it, plus 1; 0: none */
  uint16_t cycles;
  uint16_t fallthrough, taken; /* the state behind it, by what its last instruction did */
} Path;

/* A pointer that the block loads: the word at what `base` holds plus `offset`. */
typedef struct {
  uint32_t base; /* a register's number or an earlier pointer's */
  int32_t offset;
} Pointer;

typedef struct {
  uint32_t base, size;
  const uint8_t* host;
} Memory;

/* Accesses of a block by way of the same registers. */
typedef struct {
  uint8_t base, index; /* register numbers or NO_REGISTER, as they are when the block begins */
  uint8_t shift;       /* of the index, to the left */
  uint8_t loads;
  int32_t first_offset; /* of the first load */
  uint32_t first_load;  /* in the pool */
  uint8_t unaligned[4]; /* cycles more, by the lowest two bits of the registers' sum */
  uint32_t last_step;   /* the instruction that makes the last of these accesses */
} AccessGroup;

typedef struct {
  int32_t offset; /* from the registers' sum */
  uint16_t bytes;
  uint16_t step;     /* the instruction that makes it */
  uint8_t pipelined; /* its address overlaps the load before, */
  uint8_t behind;    /* which is in this group, or OTHER_GROUP */
} Load;

typedef struct {
  uint32_t address, size;
  uint32_t first_step, steps;
  uint32_t first_group, groups;
  uint32_t first_pointer;
  uint32_t first_meeting, meetings;
  uint32_t first_spent; /* cycles in each 64-bit word of code in flash */
  uint32_t placement;
  uint32_t looked_up;    /* number of cache fills when all of its lines were held last */
  uint8_t opens, closes; /* groups of the loads that it begins and ends with, or NO_LOAD */
  Path path[PATHS];
} CycleBlock;

/* Loads of two groups whose addresses overlap. */
typedef struct {
  uint8_t group, before; /* or OTHER_GROUP */
  uint8_t loads;
  uint16_t last_step; /* the last of these loads */
} Meeting;

/* Cycles that an instruction of the block under way adds, by what only the run knows. */
typedef struct {
  uint32_t step, cycles;
} Delay;

/* Where the run is. */
typedef struct {
  uint32_t behind;             /* address behind the block under way */
  uint32_t fallthrough, taken; /* states behind it */
  uint32_t entered;            /* the state that it was entered in */
} CyclePlace;

typedef struct {
  uint32_t core, parts;
  M4Timing timing;
  const uint32_t* registers;     /* R0-R15 or x0-x31; null: no accesses are looked at */
  uint32_t data_base, data_size; /* where a load reads flash */
  uint32_t steps_used, spent_used, groups_used, loads_used, pointers_used, meetings_used;
  CyclePlace place;
  uint32_t joins_loads; /* a load that begins a block may overlap one that ends the block before */
  uint32_t last_load; /* the memory that answers the load that ended the block before, or NO_LOAD */
  uint32_t last_writes; /* what that load writes, as in M4Step */
  uint32_t waited;      /* of the block under way: its cycles that it waited for memory */
  uint32_t keeps_waits; /* the next block adds its waits to those that are noted */
  Waits data_waits;     /* of the block under way, by instruction */
  uint32_t delays;
  Delay delay[DELAYS]; /* of the block under way; more than these count before its begin */
  uint32_t states;
  uint32_t memories, latest_memory;
  Memory memory[MEMORIES];
  Stm32Flash flash;
  Esp32c3Cache cache;
  M4State state[STATES];
  union {
    M4Step m4[STEP_POOL];
    Rv32Step rv32[STEP_POOL];
  } step;
  uint8_t spent[SPENT_POOL];
  AccessGroup group[GROUP_POOL];
  Load load[ACCESS_POOL];
  Pointer pointer[POINTER_POOL];
  Meeting meeting[ACCESS_POOL];
} CycleModel;

void cycle_model_init(CycleModel* model);

/* Forgets the descriptions of all blocks; the caches and the pipeline stay as they are. */
void cycle_model_forget(CycleModel* model);

/* The pipeline starts again: an exception was entered or left, or the core woke up. */
void cycle_model_restart(CycleModel* model);

/* Whether the next block may find no room: forget all blocks first. */
int cycle_model_full(const CycleModel* model);

/* Takes in what a block consists of. `block` has its address, size and placement.
 *
 * steps: M4Step or Rv32Step structures.
 */
void cycle_model_describe(CycleModel* model, CycleBlock* block, const void* steps, uint32_t count,
                          const AccessGroup* groups, uint32_t group_count, const Load* loads,
                          uint32_t load_count, const Pointer* pointers, uint32_t pointer_count);

/* Memory that pointers are read from. */
void cycle_model_add_memory(CycleModel* model, uint32_t base, uint32_t size, const uint8_t* host);
void cycle_model_remove_memory(CycleModel* model, uint32_t base);

/* The cycles of a block that begins in cycle `now`. */
uint32_t cycle_model_enter(CycleModel* model, CycleBlock* block, uint64_t now);

/* What the model counted. */
typedef struct {
  uint64_t stall_cycles, code_misses, data_misses;
} CycleCounters;

CycleCounters cycle_model_counters(const CycleModel* model);

/* The settings of FLASH_ACR; a cache that is switched off keeps what it holds. */
void cycle_model_set_flash(CycleModel* model, uint32_t wait_states, uint32_t prefetch,
                           uint32_t code_cache, uint32_t data_cache);

void cycle_model_place_flash(CycleModel* model, uint32_t base);
void cycle_model_flush_code(CycleModel* model);
void cycle_model_flush_data(CycleModel* model);
void cycle_model_set_line_fill(CycleModel* model, uint32_t cycles);
void cycle_model_flush_cache(CycleModel* model);

/* The cycles that data adds behind an instruction of the block under way. */
uint32_t cycle_model_delays_behind(const CycleModel* model, uint32_t step);

/* For each instruction of the block under way: the cycles from the block's begin to the end of the
 * instruction, waits for flash left out. */
void cycle_model_ends(CycleModel* model, const CycleBlock* block, uint16_t* ends);

/* For each instruction of a block that is entered in `state`: its cycles by cause, waits for memory
 * left out. Their sum is what the block costs without waits. `causes` is all zeros. */
void cycle_model_causes(CycleModel* model, const CycleBlock* block, uint32_t state,
                        StepCauses* causes);

#endif
