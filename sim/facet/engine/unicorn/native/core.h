/* What the native part of the Unicorn engine shares: one core's state, and its parts.
 *
 * Python (engine/unicorn/native.py) owns the memory of a Core and mirrors the head of the
 * structure, up to `blocks`. Time is counted in half cycles.
 */
#ifndef FACET_CORE_H
#define FACET_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cycle_model.h"

#define BLOCK_SLOTS 65536u /* a power of two; open addressing */

#define REGISTER_SLOTS 8192u /* of peripherals' registers that are read without Python */
#define WINDOWS 8
#define BRIDGES 2
#define EXCEPTIONS 256u  /* ARMv7-M: 16 of the system and up to 240 interrupts */
#define STEPS 1024u      /* instructions of a block; QEMU's limit is 512 */
#define STEP_LISTS 4096u /* blocks whose instructions are kept */
#define CHECKS 8
#define NOWHERE 1u /* no address of an instruction */
#define HEADS 256u /* loop heads that are watched for spinning */

/* -- Unicorn, by pointers that Python takes from its library ------------------------------------
 */

typedef struct uc_struct Uc;

enum { UC_OK = 0, UC_INSN_INVALID = 10, UC_EXCEPTION = 21 };
enum { UC_HOOK_INTR = 1, UC_HOOK_CODE = 4, UC_HOOK_BLOCK = 8, UC_HOOK_INVALID_MEMORY = 0x3F0 };
enum { UC_WRITE_UNMAPPED = 20, UC_FETCH_UNMAPPED = 21, UC_WRITE_PROT = 22, UC_FETCH_PROT = 24 };

typedef struct {
  int (*emu_start)(Uc*, uint64_t begin, uint64_t until, uint64_t timeout, size_t count);
  int (*emu_stop)(Uc*);
  int (*reg_read)(Uc*, int id, void* value);
  int (*reg_write)(Uc*, int id, const void* value);
  int (*hook_add)(Uc*, size_t* handle, int type, void* callback, void* user, uint64_t begin,
                  uint64_t end, ...);
  int (*hook_del)(Uc*, size_t handle);
  int (*mmio_map)(Uc*, uint64_t base, size_t size, void* read, void* read_user, void* write,
                  void* write_user);
  int (*ctl)(Uc*, unsigned control, ...);
} UnicornApi;

#define TB_REMOVE_CACHE (9u | 2u << 26 | 1u << 30) /* uc_ctl: forget the code from, to */

/* -- blocks ---------------------------------------------------------------------------------- */

enum { MAY_UNMASK = 1, EXCLUSIVE = 8 };

typedef struct {
  uint32_t address; /* 1 marks an empty slot: no instruction lies at an odd address */
  uint32_t size;
  uint16_t instructions;
  uint16_t flags;
  uint16_t check_count;
  uint8_t checks[CHECKS]; /* a register's number, 2 bits of a constant, 2 of a mask: the bits of
                             their sum under the mask must be 0 */
  CycleBlock cost;
  /* below: only the profiler's */
  uint32_t entry;    /* of the call tree's node that the block ran in last */
  uint32_t function; /* the address of the function that it belongs to; 0: not known */
  uint16_t stack;    /* bytes that it takes from the stack, at most */
  uint8_t exit;      /* how it is left, EXIT_ */
  uint8_t moves_stack;
} Block;

/* The block under way, and what leaving it costs, in half cycles. */
typedef struct {
  uint32_t address, size;
} Edge;

enum { STEP_LOAD = 1, STEP_STORE = 2, STEP_PLAIN = 4 /* the core may stop right behind it */ };

/* One instruction of a block, as far as an access or a stop within the block needs it. */
typedef struct {
  uint16_t offset; /* from the block's start, bytes */
  uint16_t size;
  uint32_t half_cycles; /* of the block up to its end */
  uint32_t behind;      /* half cycles of the block from its end on */
  uint8_t flags;
  uint8_t base, index; /* register numbers; NO_REGISTER; 15: the program counter (ARM) */
  uint8_t shift;       /* of the index, to the left */
  int32_t displacement;
  uint32_t bytes; /* that it moves, from the effective address up */
} Step;

typedef struct {
  uint32_t address, size, count;
  Step* steps;
  uint32_t entered; /* the state of the pipeline that their costs are for, plus 1 */
} StepList;

/* -- memory ---------------------------------------------------------------------------------- */

typedef struct {
  uint32_t base, size;
  uint8_t* host;
  uint32_t writable;
} MemoryPiece;

struct Core;

typedef struct {
  struct Core* core;
  uint32_t base;
  uint32_t native; /* whether the peripherals' register slots lie in it */
  uint32_t (*read)(uint32_t address, uint32_t size);
  void (*write)(uint32_t address, uint32_t size, uint32_t value);
} Window;

/* A slow bus behind a bridge. */
typedef struct {
  uint32_t base, size;
  uint32_t half_cycles; /* that an access waits for it */
} Bridge;

/* A register whose value is a word in shared memory. `gates` name words and masks that must all
 * match, or Python decides (an unclocked peripheral). The word of a pure one holds what Python
 * said at `effects`, and is true as long as nothing had an effect. */
typedef struct {
  uint32_t address; /* of its word; 0: empty */
  uint32_t word;    /* index into Core.words */
  uint32_t visible; /* bits that read as they are stored */
  uint32_t gate_word[2], gate_mask[2], gate_value[2];
  uint32_t pure;
  uint64_t effects;
} RegisterSlot;

/* A free-running counter that is read natively: value = (start + cycles / divider) mod period, or
 * counting down. */
typedef struct {
  uint32_t address; /* 0: none */
  uint32_t down;
  uint64_t anchor; /* half cycles at which it was `start` */
  uint64_t start, period;
  uint32_t divider; /* core cycles a count */
} Counter;

#define COUNTERS 4

/* -- exceptions of the Cortex-M -------------------------------------------------------------- */

typedef struct {
  uint32_t lines; /* inputs that the chip has */
  uint32_t group_shift;
  uint32_t vtor;
  uint32_t sleep_on_exit, send_event_on_pend, save_fp;
  uint32_t event_register;
  uint32_t level[EXCEPTIONS / 32], enabled[EXCEPTIONS / 32], pending[EXCEPTIONS / 32],
      active[EXCEPTIONS / 32];
  uint8_t priority[EXCEPTIONS];
} Nvic;

#define MPU_REGIONS 8
#define MPU_UNDO 8

typedef struct {
  uint32_t base, attributes; /* MPU_RBAR without its lower bits, MPU_RASR */
} MpuRegion;

typedef struct {
  uint8_t* host;
  uint32_t size;
  uint8_t bytes[8];
} MpuUndo;

typedef struct {
  uint32_t control;
  MpuRegion region[MPU_REGIONS];
  uint32_t changed;
  uint32_t applies, privileged; /* in the block under way */
  size_t hook;
  uint32_t undo_count;
  MpuUndo undo[MPU_UNDO];
} Mpu;

/* Unicorn's numbers of the registers, by what they are to the core. */
enum {
  ID_PC,
  ID_SP,
  ID_LR,
  ID_XPSR,
  ID_MSP,
  ID_PSP,
  ID_CONTROL,
  ID_PRIMASK,
  ID_BASEPRI,
  ID_FAULTMASK,
  ID_FPSCR,
  ID_R0,
  ID_S0 = ID_R0 + 13,
  ID_ARM_COUNT = ID_S0 + 16
};
enum {
  ID_RV_PC,
  ID_PRIV,
  ID_MSTATUS,
  ID_MEPC,
  ID_MCAUSE,
  ID_MTVAL,
  ID_X0,
  ID_RV_COUNT = ID_X0 + 32
};

/* -- spinning -------------------------------------------------------------------------------- */

typedef struct {
  uint32_t address, visits, wait; /* visits until the next look */
} Head;

typedef struct {
  uint32_t head, stage, patience;
  uint64_t half_cycles, instructions, effects, period, count;
  uint32_t registers[32];
  uint32_t status;
  Head heads[HEADS];
} Spin;

/* -- the core -------------------------------------------------------------------------------- */

#define UNPRIVILEGED 8u /* Core.protection: by the private peripheral bus, not by the MPU */

/* Why the core stopped; the numbers are mirrored in Python. */
enum {
  STOP_DEADLINE,    /* the cycle to run to has come, or the host asked for a stop */
  STOP_WAIT,        /* WFI, WFE or sleep-on-exit */
  STOP_FAILED,      /* a Python callback raised */
  STOP_MEMORY,      /* an access that memory does not allow: fault_address, fault_kind */
  STOP_TRAP,        /* Unicorn's interrupt or error: trap */
  STOP_REFUSED,     /* the costing of a block refused to let it run */
  STOP_SITE,        /* an instruction that Python carries out; the PC is on it */
  STOP_NO_STACK,    /* an exception frame has no memory: fault_address, exception, exc_return */
  STOP_BAD_RETURN,  /* an exception return that the state does not allow: exc_return */
  STOP_NOT_THUMB,   /* a handler's address without the Thumb bit */
  STOP_PROTECTION,  /* the MPU denied an access: fault_address, protection */
  STOP_UNPRIVILEGED /* unprivileged code accessed the private peripheral bus: fault_address */
};

typedef struct Core {
  /* time */
  uint64_t half_cycles; /* so far, the block under way as a whole */
  uint64_t deadline;    /* in half cycles; 0: stop before the next block */
  uint64_t instructions;
  uint64_t skipped_instructions; /* of the instructions, those of spinning loops that did not run */
  uint64_t effects;              /* grows with each access that is more than a look at a word */
  /* the access to a register that Python carries out now */
  uint64_t access_half_cycles;
  uint32_t access_pc;
  uint32_t in_access;
  /* what stopped the core */
  uint32_t stop, fault_address, fault_kind, trap, exception, exc_return;
  uint32_t failed, refused, at_site, reconsider, deadline_hit;
  uint32_t protection; /* the access that the MPU denied: 1 read, 2 write, 4 fetch; 0: none */
  /* waiting */
  uint32_t waiting, waits_for_event;
  uint32_t attention; /* an interrupt may have become takeable */
  uint32_t resettle;  /* a setting changed: the core stops behind the store */
  uint32_t masked;    /* an interrupt waits that the masks hold back */
  uint32_t offered;   /* RV32: the CPU interrupt that the matrix offers; 0: none */
  uint32_t mtvec;
  uint32_t held;       /* RV32: stopped by a register */
  uint32_t misaligned; /* a check of the block that is costed failed */
  uint32_t skip_spinning;
  /* the block under way */
  Edge last;
  uint32_t blocks_known;
  /* Python's part */
  void (*cost_block)(uint32_t address, uint32_t size, Block* slot);
  uint32_t (*list_steps)(uint32_t address, uint32_t size, Step* steps);
  /* below: only C looks at it */
  Uc* uc;
  UnicornApi api;
  int ids[64];
  uint32_t* registers; /* R0-R15 or x0-x31 within Unicorn, or NULL where they were not found */
  uint32_t is_arm;
  Nvic nvic;
  Mpu mpu;
  uint32_t unprivileged;
  uint32_t user_may_pend;      /* CCR.USERSETMPEND */
  uint32_t exclusive;          /* a load-exclusive may have armed the monitor */
  uint64_t* exclusive_address; /* Unicorn's monitor: ~0 when it is open; NULL: not found */
  uint32_t stop_behind;        /* address of the store behind which the core stops, or NOWHERE */
  uint32_t split_at;           /* address before which the core stops in a long block, or NOWHERE */
  uint32_t split_begin, split_size; /* of that block */
  uint32_t basepri_written;         /* BASEPRI takes `basepri` before the next block */
  uint32_t basepri;
  uint32_t memories;
  MemoryPiece memory[MEMORIES];
  uint32_t windows;
  Window window[WINDOWS];
  Bridge bridge[BRIDGES];
  Counter counter[COUNTERS];
  uint32_t* words;
  RegisterSlot slots[REGISTER_SLOTS];
  uint32_t steps_next; /* the first step of the block under way that can be the next access */
  StepList lists[STEP_LISTS];
  Spin spin;
  uint8_t* ram_copy;       /* what a spinning loop's memory is compared with */
  uint32_t owed;           /* cycles that a block waited that was entered and taken back */
  struct Profile* profile; /* NULL: off */
  CycleModel model;
  Block blocks[BLOCK_SLOTS];
} Core;

/* registers.c */
uint32_t read_id(Core* core, int id);
void write_id(Core* core, int id, uint32_t value);
uint32_t general(Core* core, uint32_t number);

/* blocks.c */
const CycleBlock* cycle_block(Core* core, uint32_t address);
void on_block(Uc* uc, uint64_t at, uint32_t size, void* user);
void branch_breaks(Core* core);
void stop_now(Core* core);

/* steps.c */
const Step* step_at(Core* core, uint32_t address);
const Step* step_of_access(Core* core, uint32_t address, bool write);
uint32_t half_cycles_behind(Core* core, const Step* step);
void facet_forget_steps(Core* core);
void uncount_behind(Core* core, const Step* step);
void uncount_from(Core* core, uint32_t address);
uint32_t split_address(Core* core, uint64_t begin);

/* io.c */
uint8_t* host_of(Core* core, uint32_t address, uint32_t size, bool write);

/* spin.c */
void at_loop_head(Core* core, uint32_t address);
void spin_reset(Core* core);

/* armv7m.c */
bool armv7m_takeable(Core* core);
bool read_nvic(Core* core, uint32_t address, uint32_t* value);
bool write_nvic(Core* core, uint32_t address, uint32_t size, uint32_t value);
void facet_set_pending(Core* core, uint32_t number, uint32_t pending);
uint32_t facet_enter(Core* core, uint32_t number, uint32_t return_address);
uint32_t return_from_exception(Core* core, uint32_t exc_return);
uint32_t facet_arm_can_run(Core* core);
void facet_arm_end_wait(Core* core);
void regain_privilege(Core* core);
void drop_privilege(Core* core);
int best_exception(const Core* core);
int facet_execution_priority(Core* core);
int facet_group_of(Core* core, uint32_t number);

bool armv7m_privileged(Core* core);
int armv7m_fault_priority(Core* core);

/* mpu.c */
void mpu_undo(Core* core);
bool mpu_allows_block(Core* core, uint32_t address);
bool mpu_allows_frame(Core* core, uint32_t base, uint32_t size, bool write, bool privileged);
void mpu_settle(Core* core);

/* run.c */
bool interrupt_takeable(Core* core);

#endif
