#include "m4_pipeline.h"

#include <string.h>

#define QUEUE_HALFWORDS 6 /* three words */
#define FAR_PAST -100

typedef struct {
  int now;
  int head, queue, flights, redirected;
  int arrival[M4_FLIGHTS], halfwords[M4_FLIGHTS];
  int execute_free, pipelined_free, bus_used, bus_wrote, holds_until;
  int eats_nop, loaded_alone;
  int computed_at, loaded_at;
  uint32_t computed, loaded;
} Pipeline;

static int max(int a, int b) { return a > b ? a : b; }

void m4_restart(M4State* state) {
  memset(state, 0, sizeof *state);
  state->flights = 1;
  state->redirected = 1;
  state->arrival[0] = 1;
  state->halfwords[0] = 2;
  state->execute_free = 1;
  state->bus_used = FAR_PAST;
}

static void resume(Pipeline* p, const M4State* s, uint32_t address) {
  p->now = 1;
  p->head = s->head;
  p->queue = s->queue;
  p->flights = s->flights;
  p->redirected = 0;
  for (int i = 0; i < s->flights; i++) {
    p->arrival[i] = s->arrival[i];
    p->halfwords[i] = s->halfwords[i];
  }
  if (s->redirected && (address & 2)) { /* the first word's lower half lies before the target */
    if (p->queue)
      p->queue--;
    else if (p->flights)
      p->halfwords[0] = 1;
  }
  p->execute_free = s->execute_free;
  p->pipelined_free = s->pipelined_free;
  p->bus_used = s->bus_used;
  p->bus_wrote = s->bus_wrote;
  p->holds_until = s->holds_until;
  p->eats_nop = s->eats_nop;
  p->loaded_alone = s->loaded_alone;
  p->computed_at = s->computed_at;
  p->loaded_at = s->loaded_at;
  p->computed = s->computed;
  p->loaded = s->loaded;
}

/* The state as another block finds it; what can no longer matter is set to one value, so that the
 * states that a program meets are few. */
static void suspend(const Pipeline* p, M4State* s, int now) {
  memset(s, 0, sizeof *s);
  s->head = (int8_t)p->head;
  s->queue = (int8_t)p->queue;
  s->flights = (int8_t)p->flights;
  s->redirected = (int8_t)p->redirected;
  for (int i = 0; i < p->flights; i++) {
    s->arrival[i] = (int8_t)max(p->arrival[i] - now, 1);
    s->halfwords[i] = (int8_t)p->halfwords[i];
  }
  s->execute_free = (int8_t)max(p->execute_free - now, 1);
  if (p->pipelined_free - now >= 1) s->pipelined_free = (int8_t)(p->pipelined_free - now);
  int used = p->bus_used - now;
  s->bus_used = (int8_t)(used < -2 ? FAR_PAST : used);
  s->bus_wrote = (int8_t)(used < -2 ? 0 : p->bus_wrote);
  if (p->holds_until > now) s->holds_until = (int8_t)(p->holds_until - now);
  s->eats_nop = (int8_t)p->eats_nop;
  if (p->computed && p->computed_at - now >= 1) {
    s->computed = p->computed;
    s->computed_at = (int8_t)(p->computed_at - now);
  }
  if (p->loaded && p->loaded_at - now >= 1) {
    s->loaded = p->loaded;
    s->loaded_at = (int8_t)(p->loaded_at - now);
    s->loaded_alone = (int8_t)p->loaded_alone;
  }
}

static int is_access(int kind) {
  return kind == M4_LOAD || kind == M4_STORE || kind == M4_LOAD_MULTIPLE ||
         kind == M4_STORE_MULTIPLE || kind == M4_LOAD_PC || kind == M4_TABLE_BRANCH;
}

/* The cycle in which `step`, in decode now, enters execute. */
static int execute_start(const Pipeline* p, const M4Timing* t, const M4Step* step) {
  int start = max(p->now + 1, p->execute_free);
  if (!is_access(step->kind)) {
    if (step->reads & p->loaded)
      start = max(start, p->loaded_at + (int)(p->loaded_alone ? t->lone_load_use : t->load_use));
    return start;
  }
  int writes = step->kind == M4_STORE || step->kind == M4_STORE_MULTIPLE;
  int needs_loaded = (step->address_reads & p->loaded) != 0;
  if (p->pipelined_free && !needs_loaded && (step->kind == M4_LOAD || step->kind == M4_STORE))
    start = max(p->now + 1, p->pipelined_free);
  if (step->address_reads & p->computed) start = max(start, p->computed_at + (int)t->address_stall);
  if (needs_loaded) start = max(start, p->loaded_at);
  int gap = p->bus_wrote ? (writes ? (int)t->store_after_store : (int)t->load_after_store)
                         : (writes ? (int)t->store_after_load : (int)t->load_after_load);
  return max(start, p->bus_used + gap);
}

/* Of the registers that a multiple load brings, the one that comes last: bits as in M4Step. */
static uint32_t last_of(const M4Step* step) {
  uint32_t core = step->writes & 0xFFFFu, others = core & ~step->address_reads;
  if (others) core = others;
  return core ? 1u << (31 - __builtin_clz(core)) : 0;
}

/* `step` enters execute at `start`. */
static void execute(Pipeline* p, const M4Timing* t, const M4Step* step, int start) {
  int cycles = step->cycles, before = p->execute_free;
  p->pipelined_free = 0;
  p->computed = 0;
  p->eats_nop =
      step->kind == M4_LOAD || (step->kind == M4_STORE && step->flags & M4_REGISTER_OFFSET);
  switch (step->kind) {
    case M4_LOAD:
      p->bus_used = start;
      p->bus_wrote = 0;
      cycles = 2;
      p->pipelined_free = start + 1;
      p->loaded_alone = start >= before;
      p->loaded = step->writes & ~step->address_reads;
      if (!(step->flags & M4_WRITES_BACK)) p->loaded = step->writes;
      p->loaded_at = start + 2;
      break;
    case M4_STORE:
      cycles = step->flags & M4_REGISTER_OFFSET ? (int)t->store_indexed : 1;
      p->bus_used = start; /* the second cycle of a register offset reads the value to store */
      p->bus_wrote = 1;
      break;
    case M4_LOAD_MULTIPLE:
    case M4_LOAD_PC:
      p->bus_used = start + cycles - 1;
      p->bus_wrote = 0;
      cycles += 1;
      p->computed = last_of(step);
      p->computed_at = start + cycles;
      break;
    case M4_STORE_MULTIPLE:
      cycles = 1 + (cycles - 1) * (int)t->store_after_store;
      p->bus_used = start + cycles - 1;
      p->bus_wrote = 1;
      cycles += 1;
      break;
    case M4_TABLE_BRANCH:
      p->bus_used = start;
      p->bus_wrote = 0;
      cycles = 2;
      break;
    case M4_ALU:
      p->computed = step->writes;
      p->computed_at = start + cycles;
      break;
    default:
      break;
  }
  if (step->flags & M4_WRITES_BACK) {
    p->computed = step->writes & step->address_reads;
    p->computed_at = start + 1;
  }
  if (p->loaded && step->kind != M4_LOAD && step->kind != M4_LOAD_MULTIPLE &&
      step->kind != M4_LOAD_PC && start >= p->loaded_at + (int)t->load_use)
    p->loaded = 0;
  p->execute_free = max(start + cycles, before);
  if (is_access(step->kind) || step->kind == M4_JUMP_IF || cycles > 1)
    p->holds_until = max(p->holds_until, start + cycles - 1);
}

/* Asks for the next word where the queue has room for it.
 *
 * leaving: halfwords of the instruction that is about to leave decode, or 0. The room that it
 * leaves counts as free, unless the instruction before is a load, a store or takes several cycles.
 */
static void request(Pipeline* p, int leaving) {
  if (p->flights && p->arrival[p->flights - 1] > p->now + 1) return; /* one a cycle */
  int allocated = 2 * (p->head > 0) + p->queue + 2 * p->flights;
  if (leaving && !p->redirected && p->holds_until < p->now)
    allocated -= leaving == 2 || p->head == 1 ? 2 : 1;
  if (allocated <= QUEUE_HALFWORDS - 2 && p->flights < M4_FLIGHTS) {
    p->arrival[p->flights] = p->now + 2;
    p->halfwords[p->flights++] = 2;
  }
}

static void receive(Pipeline* p) {
  while (p->flights && p->arrival[0] <= p->now) {
    p->queue += p->halfwords[0];
    p->flights--;
    for (int i = 0; i < p->flights; i++) {
      p->arrival[i] = p->arrival[i + 1];
      p->halfwords[i] = p->halfwords[i + 1];
    }
  }
}

static void fill_head(Pipeline* p) {
  while (p->head < 2 && p->queue > 0) {
    p->head++;
    p->queue--;
  }
}

/* Fetching goes on at the target of a branch, from cycle `at` on. */
static void redirect(Pipeline* p, int at) {
  p->queue = 0;
  p->flights = 1;
  p->arrival[0] = at + 2;
  p->halfwords[0] = 2;
  p->redirected = 1;
}

/* Why decode holds an instruction back until `start`; `before`: the one in execute, if known. */
static int stall_cause(const Pipeline* p, const M4Step* before, int start) {
  if (p->execute_free < start) return CAUSE_LOAD; /* the bus, an address, a loaded register */
  if (before && (before->kind == M4_LOAD || before->kind == M4_STORE)) return CAUSE_LOAD;
  return before && before->flags & M4_DIVIDES ? CAUSE_DIVIDE : CAUSE_EXECUTE;
}

uint32_t m4_run(const M4Timing* timing, M4State* state, const M4Step* steps, uint32_t count,
                uint32_t address, int taken, uint16_t* leaves, StepCauses* causes) {
  Pipeline pipeline, *p = &pipeline;
  StepCauses waited = {{0}};
  int no_code = state->redirected ? CAUSE_BRANCH : CAUSE_FETCH, stall = no_code;
  resume(p, state, address);
  uint32_t next = 0;
  int start = 0; /* of the instruction in decode; 0: decode is empty */
  int last_left = 0;
  while (next < count) {
    const M4Step* step = &steps[next];
    int branches = taken && next == count - 1;
    int requested = 0;
    if (!p->redirected) {
      receive(p);
      fill_head(p);
    }
    if (!start && p->head >= step->halfwords) {
      int folds = step->kind == M4_IT ? step->cycles == 0 : step->flags & M4_NOP && p->eats_nop;
      if (folds) { /* into the instruction before */
        p->eats_nop = 0;
        p->head -= step->halfwords;
        if (leaves) leaves[next] = (uint16_t)last_left;
        next++;
        continue;
      }
      start = execute_start(p, timing, step);
      stall = stall_cause(p, next ? step - 1 : 0, start);
      no_code = CAUSE_FETCH;
      if (step->kind == M4_BRANCH || step->kind == M4_BRANCH_IF) {
        requested = 1; /* the target's word takes this cycle, needed or not */
        if (branches) redirect(p, p->now);
      }
    }
    if (!requested) request(p, start == p->now + 1 ? step->halfwords : 0);
    if (start && start == p->now + 1) {
      p->head = p->redirected ? 0 : p->head - step->halfwords;
      execute(p, timing, step, start);
      if (p->redirected) { /* the target comes once the branch has left decode */
        for (int i = 0; i < p->flights; i++) p->arrival[i] = max(p->arrival[i], p->now + 2);
      }
      if (branches && step->kind != M4_BRANCH && step->kind != M4_BRANCH_IF) {
        int at = start; /* when the target's address is on the bus */
        if (step->kind == M4_LOAD_PC) at += 1 + step->cycles + (int)timing->load_pc_refill;
        if (step->kind == M4_TABLE_BRANCH) at += 3 + (int)timing->load_pc_refill;
        p->head = 0;
        redirect(p, at);
      }
      if (leaves) leaves[next] = (uint16_t)p->now;
      if (causes) {
        waited.cycles[CAUSE_ISSUE]++;
        causes[next] = waited;
        waited = (StepCauses){{0}};
      }
      last_left = p->now;
      next++;
      start = 0;
      if (next == count) break;
    } else if (causes) {
      waited.cycles[start ? stall : no_code]++;
    }
    p->now++;
  }
  suspend(p, state, last_left);
  return (uint32_t)last_left;
}

static int highest_bit(uint32_t value) { return 31 - __builtin_clz(value); }

uint32_t m4_divide_cycles(uint32_t dividend, uint32_t divisor, int is_signed) {
  if (!dividend || !divisor) return 2;
  int negative_divisor = is_signed && divisor >> 31;
  if (is_signed && dividend >> 31) dividend = 0u - dividend;
  if (negative_divisor) divisor = 0u - divisor;
  int digits = highest_bit(dividend) - highest_bit(divisor);
  if (negative_divisor) {
    int power_of_two = !(divisor & (divisor - 1)), lowest = dividend == 1u << 31;
    digits += power_of_two && !lowest;
    digits -= !power_of_two && lowest;
  }
  return digits < 0 ? 3 : 5 + (uint32_t)digits / 4;
}
