/* The profiler's call tree: calls and returns, exceptions, and switches between threads.
 *
 * A call is a block that ends in BL, BLX, or a jump that links. A return is an indirect jump to
 * where a call would have gone on. A direct jump into another function takes the place of the
 * function that it leaves (a tail call). Each handler has a stack of calls of its own, and so has
 * each thread of an operating system: a return from an exception to another stack than the
 * interrupted one's is a switch of threads.
 */
#include <stdlib.h>
#include <string.h>

#include "profile.h"

const ProfiledFunction* profiled_function(const Profile* profile, uint32_t address) {
  const ProfiledFunction* functions = profile->functions.items;
  uint32_t low = 0, high = profile->functions.count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (functions[middle].begin <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low && address < functions[low - 1].end ? &functions[low - 1] : NULL;
}

/* -- nodes ------------------------------------------------------------------------------------- */

static uint32_t slot_of(const Node* node) {
  uint32_t hash = node->parent * 2654435761u ^ node->function * 2246822519u ^
                  node->number * 3266489917u ^ node->kind * 668265263u ^ node->phase * 374761393u;
  return hash ^ hash >> 15;
}

static bool same_node(const Node* a, const Node* b) {
  return a->parent == b->parent && a->function == b->function && a->number == b->number &&
         a->kind == b->kind && a->phase == b->phase;
}

static void grow_node_slots(Profile* profile) {
  profile->node_room *= 2;
  free(profile->node_slots);
  profile->node_slots = calloc(profile->node_room, sizeof *profile->node_slots);
  if (!profile->node_slots) abort();
  for (uint32_t i = 1; i < profile->nodes.count; i++) {
    uint32_t slot = slot_of(node_of(profile, i));
    while (profile->node_slots[slot &= profile->node_room - 1]) slot++;
    profile->node_slots[slot] = i;
  }
}

/* The number of a node; `shown`: whether the trace shows it. */
static uint32_t find_node(Profile* profile, Node wanted, bool shown) {
  uint32_t slot = slot_of(&wanted);
  for (;; slot++) {
    uint32_t number = profile->node_slots[slot &= profile->node_room - 1];
    if (!number) break;
    if (same_node(node_of(profile, number), &wanted)) return number;
  }
  uint32_t number = profile->nodes.count;
  wanted.mark = shown ? number : node_of(profile, wanted.parent)->mark;
  Node* node = list_add(&profile->nodes, sizeof *node);
  *node = wanted;
  profile->node_slots[slot] = number;
  if (4 * profile->nodes.count > 3 * profile->node_room) grow_node_slots(profile);
  return number;
}

static uint32_t root_of(Profile* profile, uint32_t kind, uint32_t function, uint32_t number,
                        uint32_t phase) {
  Node root = {.kind = kind, .function = function, .number = number, .phase = phase};
  return find_node(profile, root, true);
}

static uint32_t child_of(Profile* profile, uint32_t parent, uint32_t address, uint32_t ordinal) {
  const ProfiledFunction* function = profiled_function(profile, address);
  uint32_t phase = function && function->phase ? function->phase : node_of(profile, parent)->phase;
  Node child = {.parent = parent,
                .kind = NODE_FUNCTION,
                .function = function ? function->begin : address,
                .number = ordinal,
                .phase = phase};
  return find_node(profile, child, ordinal || (function && function->phase));
}

/* -- the trace --------------------------------------------------------------------------------- */

static void note_mark(Profile* profile, uint64_t half_cycles) {
  uint32_t mark = node_of(profile, profile->context->node)->mark;
  MarkChange* last = (MarkChange*)profile->marks.items + profile->marks.count - 1;
  if (profile->marks.count && last->mark == mark) return;
  if (profile->marks.count == MOST_MARKS) {
    profile->marks_lost++;
    return;
  }
  MarkChange* change = list_add(&profile->marks, sizeof *change);
  *change = (MarkChange){half_cycles, mark};
}

/* -- calls and returns ------------------------------------------------------------------------- */

static void go_to(Profile* profile, uint32_t node) {
  profile->context->node = node;
  profile->context->function = node_of(profile, node)->function;
}

static void count_call(Profile* profile, uint32_t node) {
  node_of(profile, node)->calls++;
  if (!profile->counting) return;
  if (profile->counted.count == MOST_COUNTED) {
    profile->counting = 0;
    return;
  }
  Counted* counted = list_add(&profile->counted, sizeof *counted);
  *counted = (Counted){.step = node, .cause = CAUSES + 1};
}

static void call(Core* core, uint32_t address, bool by_register) {
  Profile* profile = core->profile;
  Context* context = profile->context;
  if (context->depth == MOST_FRAMES) return; /* what is deeper counts for the deepest */
  if (context->depth == context->room) {
    context->room = context->room ? 2 * context->room : 32;
    context->frames = realloc(context->frames, context->room * sizeof *context->frames);
    if (!context->frames) abort();
  }
  const ProfiledFunction* caller = profiled_function(profile, context->function);
  uint32_t ordinal = by_register && caller && caller->numbers ? ++context->operators : 0;
  context->frames[context->depth++] = (Frame){
      context->node, context->expected, general(core, core->is_arm ? 13 : 2), context->operators};
  context->operators = 0;
  go_to(profile, child_of(profile, context->node, address, ordinal));
  count_call(profile, context->node);
}

/* Whether a jump to `address` returns from a call. */
static bool returns(Core* core, uint32_t address) {
  Profile* profile = core->profile;
  Context* context = profile->context;
  uint32_t stack = general(core, core->is_arm ? 13 : 2);
  for (uint32_t depth = context->depth; depth-- > 0;) {
    const Frame* frame = &context->frames[depth];
    if (frame->return_address != address) continue;
    if (depth + 1 < context->depth && frame->stack > stack) continue; /* of an outer recursion */
    context->depth = depth;
    context->operators = frame->operators;
    go_to(profile, frame->node);
    return true;
  }
  return false;
}

static void replace(Core* core, const Block* block) {
  Profile* profile = core->profile;
  const Node* node = node_of(profile, profile->context->node);
  bool is_root = node->kind != NODE_FUNCTION;
  uint32_t ordinal = is_root ? 0 : node->number;
  uint32_t parent = is_root ? profile->context->node : node->parent;
  go_to(profile, child_of(profile, parent, block->address, ordinal));
  profile->context->operators = 0;
  if (block->address == block->function) count_call(profile, profile->context->node);
}

static bool is_at(const Context* context, uint32_t pc, uint32_t stack) {
  return context->saved_pc == pc && context->saved == stack;
}

/* The next block does not follow from the last one, or lies in another function. */
void enter_block(Core* core, const Block* block, uint64_t begin) {
  Profile* profile = core->profile;
  Context* context = profile->context;
  if (context->exit == EXIT_MRET) {
    uint32_t stack = general(core, 2);
    context->exit = EXIT_PLAIN;
    bool nested =
        profile->level > 1 && is_at(&profile->levels[profile->level - 1], block->address, stack);
    profile_return(core, block->address, stack, nested, 0);
    context = profile->context;
  }
  uint32_t exit = context->exit;
  context->exit = EXIT_PLAIN;
  bool is_call = exit == EXIT_CALL || exit == EXIT_CALL_REGISTER;
  if (is_call && block->address != context->expected)
    call(core, block->address, exit == EXIT_CALL_REGISTER);
  else if (!(exit == EXIT_INDIRECT && returns(core, block->address)) && block->function &&
           block->function != context->function)
    replace(core, block);
  note_mark(profile, begin);
}

/* -- contexts ---------------------------------------------------------------------------------- */

/* Another use of the context's stack begins: the depth of the one before is kept. */
static void fold_stack(Profile* profile, Context* context) {
  Stack* stack = (Stack*)profile->stacks.items + context->stack;
  if (stack->low <= stack->top && stack->top - stack->low > stack->used)
    stack->used = stack->top - stack->low;
  stack->top = 0;
  stack->low = UINT32_MAX;
}

static uint32_t stack_of(Profile* profile, uint32_t root) {
  const Stack* stacks = profile->stacks.items;
  for (uint32_t i = 0; i < profile->stacks.count; i++)
    if (stacks[i].root == root) return i;
  Stack* stack = list_add(&profile->stacks, sizeof *stack);
  *stack = (Stack){.low = UINT32_MAX, .root = root};
  return profile->stacks.count - 1;
}

void move_stack(Core* core) {
  Context* context = core->profile->context;
  fold_stack(core->profile, context);
}

/* Begins an empty stack of calls at a root; its frames' memory is kept. */
static void begin_context(Profile* profile, Context* context, uint32_t root) {
  *context = (Context){.root = root,
                       .node = root,
                       .expected = NOWHERE,
                       .stack = stack_of(profile, root),
                       .room = context->room,
                       .frames = context->frames};
}

static void run_level(Profile* profile, uint32_t level) {
  profile->level = level;
  profile->context = &profile->levels[level];
}

static void begin_handler(Profile* profile, uint32_t number, uint32_t cycles) {
  Context* context = &profile->levels[profile->level];
  const Context* interrupted = context - 1;
  uint32_t phase = node_of(profile, interrupted->node)->phase;
  begin_context(profile, context, root_of(profile, NODE_HANDLER, 0, number, phase));
  Node* root = node_of(profile, context->root);
  root->calls++;
  root->exception_half_cycles += 2 * cycles;
}

/* An exception was entered, after `cycles`; the interrupted code's frame lies at `stack`. */
void profile_interrupt(Core* core, uint32_t number, uint32_t pc, uint32_t stack, uint32_t cycles) {
  Profile* profile = core->profile;
  Context* interrupted = profile->context;
  interrupted->saved = stack;
  interrupted->saved_pc = pc & ~1u;
  Stack* used = (Stack*)profile->stacks.items + interrupted->stack;
  if (used->top && stack < used->low) used->low = stack;
  run_level(profile, profile->level + 1 < MOST_LEVELS ? profile->level + 1 : MOST_LEVELS - 1);
  begin_handler(profile, number, cycles);
  note_mark(profile, core->half_cycles - 2 * cycles);
}

/* A handler ended, and another one follows on the same frame. */
void profile_chain(Core* core, uint32_t number, uint32_t cycles) {
  Profile* profile = core->profile;
  if (!profile->level) run_level(profile, 1);
  fold_stack(profile, profile->context);
  uint64_t begin = core->half_cycles - 2 * cycles;
  profile->context--; /* for the trace the interrupted code is there again */
  note_mark(profile, begin);
  profile->context++;
  begin_handler(profile, number, cycles);
  note_mark(profile, begin);
}

/* Continues the thread that was interrupted with this stack pointer, or begins a new one. */
static void switch_thread(Profile* profile, uint32_t pc, uint32_t stack) {
  Context* running = &profile->levels[0];
  if (is_at(running, pc, stack)) return;
  Context* threads = profile->threads.items;
  Context* found = NULL;
  for (uint32_t i = 0; i < profile->threads.count && !found; i++)
    if (is_at(&threads[i], pc, stack)) found = &threads[i];
  if (!found && running->saved == stack) return; /* the handler changed the return address */
  for (uint32_t i = 0; i < profile->threads.count && !found; i++)
    if (threads[i].saved == stack) found = &threads[i];
  if (found) {
    Context other = *found;
    *found = *running;
    *running = other;
    return;
  }
  *(Context*)list_add(&profile->threads, sizeof(Context)) = *running;
  running->frames = NULL;
  running->room = 0;
  const ProfiledFunction* function = profiled_function(profile, pc);
  begin_context(profile, running,
                root_of(profile, NODE_THREAD, function ? function->begin : pc, 0, 0));
}

/* A handler ended; `stack`: where the frame lay that is continued, or the stack pointer (RV32). */
void profile_return(Core* core, uint32_t pc, uint32_t stack, bool to_handler, uint32_t cycles) {
  Profile* profile = core->profile;
  node_of(profile, profile->context->root)->exception_half_cycles += 2 * cycles;
  if (profile->level) fold_stack(profile, profile->context);
  if (to_handler && profile->level > 1) {
    run_level(profile, profile->level - 1);
  } else {
    run_level(profile, 0);
    switch_thread(profile, pc & ~1u, stack);
  }
  note_mark(profile, core->half_cycles);
}

void profile_restart(Core* core) {
  Profile* profile = core->profile;
  Context* threads = profile->threads.items;
  if (profile->context) fold_stack(profile, profile->context);
  for (uint32_t i = 0; i < profile->threads.count; i++) free(threads[i].frames);
  profile->threads.count = 0;
  run_level(profile, 0);
  begin_context(profile, profile->context, root_of(profile, NODE_MAIN, 0, 0, 0));
  fold_stack(profile, profile->context);
  note_mark(profile, core->half_cycles);
}
