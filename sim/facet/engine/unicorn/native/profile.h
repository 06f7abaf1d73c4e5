/* The profiler: counts how often each block ran, in which calls, and what it
 * waited for.
 *
 * A block is counted for each node of the call tree that it runs in and each
 * state of the pipeline that it is entered in (an entry). All else that it
 * costs follows from these: the cycles of each instruction by cause are worked
 * out when an entry is made, and waits for memory are added as they come. The
 * call tree is kept by the calls and returns of each thread of execution
 * (callstack.c).
 */
#ifndef FACET_PROFILE_H
#define FACET_PROFILE_H

#include "core.h"

#define NO_NODE 0u /* node 0 stands for nothing */

/* How a block is left. */
enum {
  EXIT_PLAIN,         /* a branch to a known address, or none */
  EXIT_CALL,          /* BL, JAL ra */
  EXIT_CALL_REGISTER, /* BLX Rm, JALR ra */
  EXIT_INDIRECT,      /* a return, or a jump to where a register says */
  EXIT_MRET           /* RV32: the end of a trap's handler */
};

/* What kind a node of the call tree is; mirrored in Python. */
enum {
  NODE_FUNCTION,
  NODE_MAIN,    /* the root of what runs from reset on */
  NODE_THREAD,  /* the root of an operating system's thread; function: where it
                   began */
  NODE_HANDLER, /* the root of an exception's or trap's handler; number: its
                   exception */
};

/* A function of the firmware, as Python names it. */
typedef struct {
  uint32_t begin, end;
  uint32_t phase;   /* from here on; 0: none */
  uint32_t numbers; /* whether its calls through registers are counted as
                       operators */
} ProfiledFunction;

typedef struct {
  uint32_t parent, kind;
  uint32_t function; /* address */
  uint32_t number;   /* of the operator, from 1; of the exception */
  uint32_t phase;
  uint32_t mark; /* the node itself or the nearest one above that the trace shows */
  uint64_t calls;
  uint64_t exception_half_cycles;
} Node;

/* One instruction of an entry. */
typedef struct {
  int64_t waited[CAUSES]; /* in all runs, what only a run knows */
  StepCauses fixed;       /* in each run */
  uint16_t offset;        /* from the block's begin */
} EntryStep;

typedef struct {
  uint32_t node, address, size, state;
  uint32_t first_step, steps;
  uint64_t runs;
} Entry;

/* What the trace shows changed: from then on `mark` is the innermost shown
 * node. */
typedef struct {
  uint64_t half_cycles;
  uint64_t mark;
} MarkChange;

typedef struct {
  uint32_t node, return_address, stack, operators;
} Frame;

/* The stack of a thread or handler: where the present use began and how low it
 * went. */
typedef struct {
  uint32_t top, low, root;
  uint32_t used; /* bytes of the deepest use that has ended */
} Stack;

/* A thread of execution: main, a handler, or a thread of an operating system.
 */
typedef struct {
  uint32_t root, node, function;
  uint32_t expected, exit; /* where the last block ended, and how */
  uint32_t stack;          /* its index in Profile.stacks */
  uint32_t saved;          /* the stack pointer when it was interrupted */
  uint32_t saved_pc;
  uint32_t operators; /* of the frame under way */
  uint32_t depth, room;
  Frame* frames;
} Context;

/* What a round of a spinning loop counted, for the rounds that are skipped. */
typedef struct {
  uint32_t entry, step, cause; /* cause == CAUSES: a run; above: `step` is a
                                  node that was called */
  int32_t cycles;
} Counted;

typedef struct {
  void* items;
  uint32_t count, room;
} List;

#define MOST_FRAMES 2048u
#define MOST_LEVELS 64u
#define MOST_COUNTED 16384u
#define MOST_MARKS (1u << 22)

typedef struct Profile {
  Context* context; /* the one that runs */
  uint32_t entry;   /* of the block under way */
  uint64_t begin;   /* half cycles when profiling began */
  uint64_t instructions;
  Context levels[MOST_LEVELS]; /* 0: the thread; the handlers on top of it */
  uint32_t level;
  List entries, steps, nodes, stacks, marks, functions, threads, counted;
  uint32_t* entry_slots; /* hash tables of indices */
  uint32_t entry_room;
  uint32_t* node_slots;
  uint32_t node_room;
  uint32_t counting; /* whether `counted` is kept, and is whole */
  uint32_t marks_lost;
} Profile;

/* profile.c */
void* list_add(List* list, size_t size);
void profile_block(Core* core, Block* block, uint64_t begin);
void profile_shorten(Core* core, uint32_t executed, uint32_t size);
void profile_wait(Core* core, uint32_t address, uint32_t cause, int32_t cycles);
void profile_new_round(Core* core);
bool profile_can_skip(const Core* core);
void profile_skip(Core* core, uint64_t rounds);

/* callstack.c */
void move_stack(Core* core);
void enter_block(Core* core, const Block* block, uint64_t begin);
const ProfiledFunction* profiled_function(const Profile* profile, uint32_t address);
void profile_interrupt(Core* core, uint32_t number, uint32_t pc, uint32_t stack, uint32_t cycles);
void profile_chain(Core* core, uint32_t number, uint32_t cycles);
void profile_return(Core* core, uint32_t pc, uint32_t stack, bool to_handler, uint32_t cycles);
void profile_restart(Core* core);

/* shape.c */
void profile_describe(Core* core, Block* block);
uint32_t instruction_size(Core* core, uint32_t address);

static inline Node* node_of(Profile* profile, uint32_t number) {
  return (Node*)profile->nodes.items + number;
}

#endif
