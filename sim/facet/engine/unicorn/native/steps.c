/* The instructions of a block: which of them accesses an address, and what stands behind it.
 *
 * Within an access Unicorn tells the start of the block only. The registers are up to date, so the
 * instruction is the first one, behind the last that accessed anything, whose effective address is
 * the one that is accessed. Python lists a block's instructions once.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "profile.h"

static uint32_t place_of(uint32_t address) { return (address >> 1 ^ address >> 12) % STEP_LISTS; }

void facet_forget_steps(Core* core) {
  for (uint32_t i = 0; i < STEP_LISTS; i++) {
    free(core->lists[i].steps);
    core->lists[i] = (StepList){.address = NOWHERE};
  }
}

/* What the steps cost from the state that the block was entered in. */
static void cost_steps(Core* core, StepList* list) {
  uint16_t ends[BLOCK_STEPS] = {0};
  const CycleBlock* block = cycle_block(core, list->address);
  if (!block || list->count > block->steps || block->steps > BLOCK_STEPS) return;
  cycle_model_ends(&core->model, block, ends);
  uint32_t end = list->count ? ends[list->count - 1] : 0;
  for (uint32_t i = 0; i < list->count; i++) {
    list->steps[i].half_cycles = 2u * ends[i];
    list->steps[i].behind = 2u * (end - ends[i]);
  }
  list->entered = core->model.place.entered + 1;
}

/* The steps of the block under way. */
static const StepList* current_steps(Core* core) {
  StepList* list = &core->lists[place_of(core->last.address)];
  if (list->address != core->last.address || list->size != core->last.size) {
    static _Thread_local Step steps[STEPS];
    uint32_t count = core->list_steps(core->last.address, core->last.size, steps);
    Step* kept = malloc(count * sizeof *kept + 1);
    if (!kept) abort();
    memcpy(kept, steps, count * sizeof *kept);
    free(list->steps);
    *list = (StepList){core->last.address, core->last.size, count, kept, 0};
  }
  if (list->entered != core->model.place.entered + 1) cost_steps(core, list);
  return list;
}

static uint32_t value_of(Core* core, const Step* step, uint32_t number) {
  if (number == NO_REGISTER) return 0;
  if (core->is_arm && number == 15) return (core->last.address + step->offset + 4) & ~3u;
  return general(core, number);
}

const Step* step_at(Core* core, uint32_t address) {
  const StepList* list = current_steps(core);
  for (uint32_t i = 0; i < list->count; i++)
    if (core->last.address + list->steps[i].offset == address) return &list->steps[i];
  return NULL;
}

const Step* step_of_access(Core* core, uint32_t address, bool write) {
  const StepList* list = current_steps(core);
  for (uint32_t i = core->steps_next; i < list->count; i++) {
    const Step* step = &list->steps[i];
    if (!(step->flags & (write ? STEP_STORE : STEP_LOAD))) continue;
    uint32_t effective = value_of(core, step, step->base) + (uint32_t)step->displacement +
                         (value_of(core, step, step->index) << step->shift);
    if (address - effective >= step->bytes) continue;
    /* One that moves a single datum is past; several words come one after the other. */
    core->steps_next = i + (address - effective + 4 >= step->bytes);
    return step;
  }
  return NULL;
}

/* What the block under way costs from the end of `step` on. */
uint32_t half_cycles_behind(Core* core, const Step* step) {
  uint32_t number = (uint32_t)(step - current_steps(core)->steps);
  return step->behind + 2 * cycle_model_delays_behind(&core->model, number);
}

/* The block goes no further than to the end of `step`. */
void uncount_behind(Core* core, const Step* step) {
  const StepList* list = current_steps(core);
  uint32_t past = (uint32_t)(step - list->steps) + 1;
  core->half_cycles -= list->steps[list->count - 1].half_cycles - step->half_cycles;
  core->instructions -= list->count - past;
  core->last.size = step->offset + step->size;
  if (core->profile) profile_shorten(core, past, core->last.size);
  branch_breaks(core);
}

/* The block goes no further than to before the instruction at `address`. */
void uncount_from(Core* core, uint32_t address) {
  if (address - core->last.address >= core->last.size) return;
  const StepList* list = current_steps(core);
  if (!list->count) return;
  uint32_t offset = address - core->last.address, i = 0;
  while (i < list->count && list->steps[i].offset < offset) i++;
  if (i == list->count) return;
  core->half_cycles -=
      list->steps[list->count - 1].half_cycles - (i ? list->steps[i - 1].half_cycles : 0);
  core->instructions -= list->count - i;
  core->last.size = offset;
  if (core->profile) profile_shorten(core, i, offset);
  branch_breaks(core);
}

/* For Python: the instruction of the block under way that accesses `address`, or the start. */
uint32_t facet_locate_access(Core* core, uint32_t address, uint32_t write) {
  uint32_t next = core->steps_next;
  core->steps_next = 0;
  const Step* step = step_of_access(core, address, write);
  core->steps_next = next;
  return core->last.address + (step ? step->offset : 0);
}

/* Where the block under way, begun at `begin` half cycles, is to stop for the deadline: before the
 * first instruction that begins at it or later; NOWHERE where that is the block's end. */
uint32_t split_address(Core* core, uint64_t begin) {
  const StepList* list = current_steps(core);
  if (!list->count) return NOWHERE;
  uint64_t stalls = core->half_cycles - begin - list->steps[list->count - 1].half_cycles;
  for (uint32_t i = 1; i < list->count; i++)
    if (begin + stalls + list->steps[i - 1].half_cycles >= core->deadline)
      return core->last.address + list->steps[i].offset;
  return NOWHERE;
}
