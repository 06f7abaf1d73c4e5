#include "profile.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64u

void facet_forget_blocks(Core* core);

void* list_add(List* list, size_t size) {
  if (list->count == list->room) {
    list->room = list->room ? 2 * list->room : FIRST_ROOM;
    list->items = realloc(list->items, list->room * size);
    if (!list->items) abort();
  }
  void* item = (char*)list->items + list->count++ * size;
  return memset(item, 0, size);
}

static Entry* entry_of(Profile* profile, uint32_t number) {
  return (Entry*)profile->entries.items + number;
}

static EntryStep* step_of(Profile* profile, uint32_t number) {
  return (EntryStep*)profile->steps.items + number;
}

/* -- entries
 * -----------------------------------------------------------------------------------
 */

static uint32_t hash_of(uint32_t node, uint32_t address, uint32_t size, uint32_t state) {
  uint32_t hash =
      address * 2654435761u ^ node * 2246822519u ^ size * 3266489917u ^ state * 668265263u;
  return hash ^ hash >> 15;
}

static bool is_entry(const Entry* entry, uint32_t node, uint32_t address, uint32_t size,
                     uint32_t state) {
  return entry->address == address && entry->node == node && entry->size == size &&
         entry->state == state;
}

static void grow_entry_slots(Profile* profile) {
  profile->entry_room *= 2;
  free(profile->entry_slots);
  profile->entry_slots = calloc(profile->entry_room, sizeof *profile->entry_slots);
  if (!profile->entry_slots) abort();
  for (uint32_t i = 0; i < profile->entries.count; i++) {
    const Entry* entry = entry_of(profile, i);
    uint32_t slot = hash_of(entry->node, entry->address, entry->size, entry->state);
    while (profile->entry_slots[slot &= profile->entry_room - 1]) slot++;
    profile->entry_slots[slot] = i + 1;
  }
}

/* Works out what the first `count` instructions of a block cost. */
static void add_steps(Core* core, Entry* entry, const CycleBlock* block, uint32_t count) {
  static _Thread_local StepCauses causes[BLOCK_STEPS];
  Profile* profile = core->profile;
  if (count > block->steps) count = block->steps;
  if (block->steps > BLOCK_STEPS) count = 0;
  memset(causes, 0, (block->steps < BLOCK_STEPS ? block->steps : 0) * sizeof *causes);
  if (count) cycle_model_causes(&core->model, block, entry->state, causes);
  entry->first_step = profile->steps.count;
  entry->steps = count;
  uint32_t offset = 0;
  for (uint32_t i = 0; i < count; i++) {
    EntryStep* step = list_add(&profile->steps, sizeof *step);
    step->fixed = causes[i];
    step->offset = (uint16_t)offset;
    offset += instruction_size(core, entry->address + offset);
  }
}

/* The number of an entry; `count`: instructions of it that run. */
static uint32_t find_entry(Core* core, const CycleBlock* block, uint32_t size, uint32_t count) {
  Profile* profile = core->profile;
  uint32_t node = profile->context->node, state = core->model.place.entered;
  uint32_t slot = hash_of(node, block->address, size, state);
  for (;; slot++) {
    uint32_t number = profile->entry_slots[slot &= profile->entry_room - 1];
    if (!number) break;
    if (is_entry(entry_of(profile, number - 1), node, block->address, size, state))
      return number - 1;
  }
  uint32_t number = profile->entries.count;
  Entry* entry = list_add(&profile->entries, sizeof *entry);
  *entry = (Entry){.node = node, .address = block->address, .size = size, .state = state};
  add_steps(core, entry, block, count);
  profile->entry_slots[slot] = number + 1;
  if (4 * profile->entries.count > 3 * profile->entry_room) grow_entry_slots(profile);
  return number;
}

/* -- counting
 * ----------------------------------------------------------------------------------
 */

static void count_for_round(Profile* profile, uint32_t entry, uint32_t step, uint32_t cause,
                            int32_t cycles) {
  if (!profile->counting) return;
  if (profile->counted.count == MOST_COUNTED) {
    profile->counting = 0;
    return;
  }
  Counted* counted = list_add(&profile->counted, sizeof *counted);
  *counted = (Counted){entry, step, cause, cycles};
}

static void wait_in_step(Profile* profile, uint32_t step, uint32_t cause, int32_t cycles) {
  Entry* entry = entry_of(profile, profile->entry);
  if (!entry->steps) return; /* Python names what is left over */
  if (step >= entry->steps) step = entry->steps - 1;
  step_of(profile, entry->first_step + step)->waited[cause] += cycles;
  count_for_round(profile, profile->entry, step, cause, cycles);
}

/* The first instruction of the block that begins at `place` or behind it, in
 * pieces of `unit`. */
static uint32_t step_in_piece(Profile* profile, uint32_t place, uint32_t unit) {
  const Entry* entry = entry_of(profile, profile->entry);
  uint32_t piece = entry->address / unit + place;
  for (uint32_t i = 0; i < entry->steps; i++) {
    uint32_t address = entry->address + step_of(profile, entry->first_step + i)->offset;
    if (address / unit >= piece) return i;
  }
  return entry->steps;
}

static void add_waits(Core* core) {
  Profile* profile = core->profile;
  const CycleModel* model = &core->model;
  for (uint32_t i = 0; i < model->flash.waits.count; i++) {
    const Wait* wait = &model->flash.waits.wait[i];
    wait_in_step(profile, step_in_piece(profile, wait->place, 8), wait->cause,
                 (int32_t)wait->cycles);
  }
  for (uint32_t i = 0; i < model->cache.waits.count; i++) {
    const Wait* wait = &model->cache.waits.wait[i];
    uint32_t step = step_in_piece(profile, wait->place, 1u << ESP32C3_LINE_SHIFT);
    wait_in_step(profile, step, wait->cause, (int32_t)wait->cycles);
  }
  for (uint32_t i = 0; i < model->data_waits.count; i++) {
    const Wait* wait = &model->data_waits.wait[i];
    wait_in_step(profile, wait->place, wait->cause, (int32_t)wait->cycles);
  }
}

/* A block begins to run: it cost what the core's time has moved on since
 * `begin`. */
void profile_block(Core* core, Block* block, uint64_t begin) {
  Profile* profile = core->profile;
  Context* context = profile->context;
  if (context->exit != EXIT_PLAIN || (block->function && block->function != context->function)) {
    enter_block(core, block, begin);
    context = profile->context;
  }
  uint32_t number = block->entry, state = core->model.place.entered;
  if (number >= profile->entries.count ||
      !is_entry(entry_of(profile, number), context->node, block->address, block->size, state))
    number = block->entry = find_entry(core, &block->cost, block->size, block->instructions);
  profile->entry = number;
  entry_of(profile, number)->runs++;
  if (profile->counting) count_for_round(profile, number, 0, CAUSES, 0);
  const CycleModel* model = &core->model;
  if (model->flash.waits.count | model->cache.waits.count | model->data_waits.count)
    add_waits(core);
  Stack* stack = (Stack*)profile->stacks.items + context->stack;
  uint32_t pointer = general(core, core->is_arm ? 13 : 2);
  if (pointer > stack->top) stack->top = pointer;
  if (pointer - block->stack < stack->low) stack->low = pointer - block->stack;
  context->expected = block->address + block->size;
  context->exit = block->exit;
  if (block->moves_stack) move_stack(core); /* the next block finds another one */
}

/* Of the block under way only `executed` instructions, `size` bytes, have run.
 */
void profile_shorten(Core* core, uint32_t executed, uint32_t size) {
  Profile* profile = core->profile;
  const CycleBlock* block = cycle_block(core, core->last.address);
  Entry* entry = entry_of(profile, profile->entry);
  profile->counting = 0;
  profile->context->expected = core->last.address + size;
  profile->context->exit = EXIT_PLAIN;
  if (!block || entry->address != block->address || !entry->runs) return;
  entry->runs--;
  if (!executed) return;
  uint32_t node = profile->context->node;
  profile->context->node = entry->node;
  uint32_t number = find_entry(core, block, size, executed);
  profile->context->node = node;
  entry_of(profile, number)->runs++;
}

/* The instruction at `address` of the block under way took some cycles more, or
 * less. */
void profile_wait(Core* core, uint32_t address, uint32_t cause, int32_t cycles) {
  Profile* profile = core->profile;
  const Entry* entry = entry_of(profile, profile->entry);
  uint32_t step = 0;
  while (step < entry->steps &&
         entry->address + step_of(profile, entry->first_step + step)->offset < address)
    step++;
  wait_in_step(profile, step, cause, cycles);
}

/* -- loops that only wait
 * ---------------------------------------------------------------------- */

/* A round of a loop begins whose repetitions may be skipped. */
void profile_new_round(Core* core) {
  core->profile->counted.count = 0;
  core->profile->counting = 1;
}

bool profile_can_skip(const Core* core) { return core->profile->counting; }

/* The round that ends here is repeated without being run. */
void profile_skip(Core* core, uint64_t rounds) {
  Profile* profile = core->profile;
  const Counted* counted = profile->counted.items;
  for (uint32_t i = 0; i < profile->counted.count; i++, counted++) {
    if (counted->cause > CAUSES) {
      node_of(profile, counted->step)->calls += rounds;
      continue;
    }
    Entry* entry = entry_of(profile, counted->entry);
    if (counted->cause == CAUSES)
      entry->runs += rounds;
    else
      step_of(profile, entry->first_step + counted->step)->waited[counted->cause] +=
          (int64_t)rounds * counted->cycles;
  }
}

/* -- for Python
 * --------------------------------------------------------------------------------
 */

static void free_profile(Profile* profile) {
  for (uint32_t i = 0; i < MOST_LEVELS; i++) free(profile->levels[i].frames);
  for (uint32_t i = 0; i < profile->threads.count; i++)
    free(((Context*)profile->threads.items)[i].frames);
  List* lists[] = {&profile->entries, &profile->steps,     &profile->nodes,   &profile->stacks,
                   &profile->marks,   &profile->functions, &profile->threads, &profile->counted};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) free(lists[i]->items);
  free(profile->entry_slots);
  free(profile->node_slots);
  free(profile);
}

void facet_profile_stop(Core* core) {
  if (core->profile) free_profile(core->profile);
  core->profile = NULL;
}

/* Begins to count; `functions` are sorted by address. */
void facet_profile_start(Core* core, const ProfiledFunction* functions, uint32_t count) {
  facet_profile_stop(core);
  Profile* profile = calloc(1, sizeof *profile);
  if (!profile) abort();
  core->profile = profile;
  profile->entry_room = profile->node_room = 4096;
  profile->entry_slots = calloc(profile->entry_room, sizeof *profile->entry_slots);
  profile->node_slots = calloc(profile->node_room, sizeof *profile->node_slots);
  if (!profile->entry_slots || !profile->node_slots) abort();
  for (uint32_t i = 0; i < count; i++)
    *(ProfiledFunction*)list_add(&profile->functions, sizeof *functions) = functions[i];
  list_add(&profile->nodes, sizeof(Node)); /* NO_NODE */
  profile->begin = core->half_cycles;
  profile->instructions = core->instructions;
  profile_restart(core);
  facet_forget_blocks(core);
}

/* The core was reset: what ran is gone. */
void facet_profile_reset(Core* core) {
  if (core->profile) profile_restart(core);
}

enum { ENTRIES, STEP_COSTS, NODES, STACKS, MARKS };

/* One of the lists: its address, with the number of its items in `count`. */
const void* facet_profile_list(Core* core, uint32_t which, uint32_t* count) {
  const Profile* profile = core->profile;
  const List* lists[] = {&profile->entries, &profile->steps, &profile->nodes, &profile->stacks,
                         &profile->marks};
  *count = lists[which]->count;
  return lists[which]->items;
}

uint64_t facet_profile_begin(Core* core) { return core->profile->begin; }
uint64_t facet_profile_instructions(Core* core) {
  return core->instructions - core->profile->instructions;
}
uint32_t facet_profile_marks_lost(Core* core) { return core->profile->marks_lost; }
uint32_t facet_profiled_function_size(void) { return sizeof(ProfiledFunction); }
uint32_t facet_node_size(void) { return sizeof(Node); }
uint32_t facet_entry_size(void) { return sizeof(Entry); }
uint32_t facet_entry_step_size(void) { return sizeof(EntryStep); }
uint32_t facet_stack_size(void) { return sizeof(Stack); }
uint32_t facet_mark_change_size(void) { return sizeof(MarkChange); }
