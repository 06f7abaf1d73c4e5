/* The cycles of a block as it runs; see cycle_model.h.
 *
 * Length: a block's path, its accesses and their waits are one computation on one state; apart, each
 * would take all of the block's state.
 */
#include "cycle_model.h"

#include <string.h>

#define WORD_SHIFT 3 /* of the STM32L4's flash: 64 bits */
#define MOST 0xFFFFu

void cycle_model_init(CycleModel* model) {
  M4State start;
  m4_restart(&start);
  model->state[0] = start;
  model->states = 1;
  model->last_load = NO_LOAD;
  model->place.behind = 1; /* no instruction lies at an odd address */
  stm32_flash_reset_code(&model->flash);
  stm32_flash_reset_data(&model->flash);
  esp32c3_cache_flush(&model->cache);
}

void cycle_model_forget(CycleModel* model) {
  model->steps_used = model->spent_used = model->groups_used = model->loads_used = 0;
  model->pointers_used = model->meetings_used = 0;
}

void cycle_model_restart(CycleModel* model) {
  model->place.fallthrough = model->place.taken = 0;
  model->place.behind = 1;
}

/* The number of a state of the pipeline. */
static uint16_t number_of(CycleModel* model, const M4State* state) {
  for (uint32_t i = 0; i < model->states; i++)
    if (!memcmp(&model->state[i], state, sizeof *state)) return (uint16_t)i;
  /* Programs meet some tens of states. One that meets more than STATES continues from a restart:
   * the same in every run. */
  if (model->states == STATES) return 0;
  model->state[model->states] = *state;
  return (uint16_t)model->states++;
}

static uint32_t run_m4(CycleModel* model, const CycleBlock* block, uint32_t from, int taken,
                       uint16_t* behind, uint16_t* ends) {
  M4State state = model->state[from];
  uint32_t cycles = m4_run(&model->timing, &state, model->step.m4 + block->first_step, block->steps,
                           block->address, taken, ends, 0);
  if (behind) *behind = number_of(model, &state);
  return cycles;
}

static int is_branch(const M4Step* step) {
  return step->kind >= M4_BRANCH && step->kind <= M4_TABLE_BRANCH;
}

static int may_fall_through(const M4Step* step) {
  return step->kind == M4_BRANCH_IF || step->kind == M4_JUMP_IF || !is_branch(step);
}

static void find_path(CycleModel* model, const CycleBlock* block, uint32_t state, Path* path) {
  path->state = (uint16_t)(state + 1);
  uint32_t cycles;
  if (!block->steps) {
    cycles = 1;
    path->fallthrough = path->taken = 0;
  } else if (model->core == CORE_RV32) {
    cycles = rv32_run(state, model->step.rv32 + block->first_step, block->steps, &path->fallthrough,
                      &path->taken, 0, 0);
  } else {
    const M4Step* last = &model->step.m4[block->first_step + block->steps - 1];
    cycles = run_m4(model, block, state, is_branch(last), &path->taken, 0);
    path->fallthrough = path->taken;
    if (may_fall_through(last) && is_branch(last))
      run_m4(model, block, state, 0, &path->fallthrough, 0);
    else if (!is_branch(last))
      path->taken = 0; /* what follows elsewhere comes behind an exception */
  }
  path->cycles = (uint16_t)(cycles < MOST ? cycles : MOST);
}

static const Path* path_from(CycleModel* model, CycleBlock* block, uint32_t state) {
  uint32_t free = PATHS - 1; /* the last place serves all states beyond */
  for (uint32_t i = 0; i < PATHS; i++) {
    if (block->path[i].state == state + 1) { /* comes first from now on */
      Path found = block->path[i];
      block->path[i] = block->path[0];
      block->path[0] = found;
      return &block->path[0];
    }
    if (!block->path[i].state) {
      free = i;
      break;
    }
  }
  find_path(model, block, state, &block->path[free]);
  return &block->path[free];
}

/* How long the instructions that begin in each 64-bit word of the block take, from a branch on. */
static void measure_words(CycleModel* model, CycleBlock* block) {
  uint32_t words =
      ((block->address + block->size - 1) >> WORD_SHIFT) - (block->address >> WORD_SHIFT) + 1;
  uint16_t ends[BLOCK_STEPS];
  block->first_spent = model->spent_used;
  model->spent_used += words;
  uint8_t* spent = model->spent + block->first_spent;
  memset(spent, 0, words);
  if (!block->steps || block->steps > BLOCK_STEPS) return;
  const M4Step* steps = model->step.m4 + block->first_step;
  run_m4(model, block, 0, 0, 0, ends);
  uint32_t at = block->address, before = ends[0] ? ends[0] - 1u : 0;
  for (uint32_t i = 0; i < block->steps; i++) {
    uint32_t word = (at >> WORD_SHIFT) - (block->address >> WORD_SHIFT);
    uint32_t cycles = spent[word] + (ends[i] - before);
    spent[word] = (uint8_t)(cycles < 255 ? cycles : 255);
    before = ends[i];
    at += 2u * steps[i].halfwords;
  }
}

/* Notes a load that overlaps one of another group. */
static void note_meeting(CycleModel* model, const CycleBlock* block, uint8_t group,
                         const Load* load) {
  Meeting* end = model->meeting + model->meetings_used;
  for (Meeting* m = model->meeting + block->first_meeting; m < end; m++)
    if (m->loads < 255 && ((m->group == group && m->before == load->behind) ||
                           (m->group == load->behind && m->before == group))) {
      m->loads++;
      if (load->step > m->last_step) m->last_step = load->step;
      return;
    }
  *end = (Meeting){group, load->behind, 1, load->step};
  model->meetings_used++;
}

static void note_meetings(CycleModel* model, CycleBlock* block) {
  block->first_meeting = model->meetings_used;
  const AccessGroup* group = model->group + block->first_group;
  for (uint32_t i = 0; i < block->groups && model->core == CORE_M4; i++, group++) {
    uint8_t number = (uint8_t)(i < OTHER_GROUP ? i : OTHER_GROUP);
    const Load* load = model->load + group->first_load;
    for (uint32_t k = 0; k < group->loads; k++, load++)
      if (load->pipelined && load->behind != number) note_meeting(model, block, number, load);
  }
  block->meetings = model->meetings_used - block->first_meeting;
}

/* Notes the loads that the block begins and ends with. */
static void note_edges(CycleModel* model, CycleBlock* block) {
  block->opens = block->closes = NO_LOAD;
  if (model->core != CORE_M4 || !block->steps) return;
  uint32_t last = block->steps - 1;
  if (model->step.m4[block->first_step + last].kind == M4_LOAD) block->closes = OTHER_GROUP;
  const AccessGroup* group = model->group + block->first_group;
  for (uint32_t i = 0; i < block->groups; i++, group++) {
    uint8_t number = (uint8_t)(i < OTHER_GROUP ? i : OTHER_GROUP);
    const Load* load = model->load + group->first_load;
    for (uint32_t k = 0; k < group->loads; k++, load++) {
      if (load->step == last && block->closes != NO_LOAD) block->closes = number;
      if (!load->step && model->step.m4[block->first_step].kind == M4_LOAD) block->opens = number;
    }
  }
}

int cycle_model_full(const CycleModel* model) {
  return model->steps_used + BLOCK_STEPS > STEP_POOL ||
         model->spent_used + BLOCK_STEPS > SPENT_POOL ||
         model->groups_used + BLOCK_STEPS > GROUP_POOL ||
         model->loads_used + BLOCK_STEPS > ACCESS_POOL || /* and for the meetings of loads */
         model->pointers_used + BLOCK_STEPS > POINTER_POOL;
}

void cycle_model_describe(CycleModel* model, CycleBlock* block, const void* steps, uint32_t count,
                          const AccessGroup* groups, uint32_t group_count, const Load* loads,
                          uint32_t load_count, const Pointer* pointers, uint32_t pointer_count) {
  memset(block->path, 0, sizeof block->path);
  block->looked_up = 0;
  block->first_step = model->steps_used;
  block->steps = count;
  if (model->core == CORE_RV32)
    memcpy(model->step.rv32 + model->steps_used, steps, count * sizeof(Rv32Step));
  else
    memcpy(model->step.m4 + model->steps_used, steps, count * sizeof(M4Step));
  model->steps_used += count;
  block->first_group = model->groups_used;
  block->groups = group_count;
  memcpy(model->group + model->groups_used, groups, group_count * sizeof *groups);
  memcpy(model->load + model->loads_used, loads, load_count * sizeof *loads);
  for (uint32_t i = 0; i < group_count; i++)
    model->group[model->groups_used + i].first_load += model->loads_used;
  model->groups_used += group_count;
  model->loads_used += load_count;
  note_meetings(model, block);
  note_edges(model, block);
  block->first_pointer = model->pointers_used;
  memcpy(model->pointer + model->pointers_used, pointers, pointer_count * sizeof *pointers);
  model->pointers_used += pointer_count;
  if (block->placement & CODE_IN_FLASH) measure_words(model, block);
}

void cycle_model_set_flash(CycleModel* model, uint32_t wait_states, uint32_t prefetch,
                           uint32_t code_cache, uint32_t data_cache) {
  model->flash.wait_states = wait_states;
  model->flash.prefetch = prefetch;
  model->flash.code_cache = code_cache;
  model->flash.data_cache = data_cache;
}

void cycle_model_place_flash(CycleModel* model, uint32_t base) { model->flash.base = base; }
void cycle_model_flush_code(CycleModel* model) { stm32_flash_reset_code(&model->flash); }
void cycle_model_flush_data(CycleModel* model) { stm32_flash_reset_data(&model->flash); }
void cycle_model_flush_cache(CycleModel* model) { esp32c3_cache_flush(&model->cache); }

void cycle_model_set_line_fill(CycleModel* model, uint32_t cycles) {
  model->cache.line_fill_cycles = cycles;
}

CycleCounters cycle_model_counters(const CycleModel* model) {
  return (CycleCounters){
      model->flash.stall_cycles + model->cache.stall_cycles,
      model->flash.code_misses + model->cache.code_misses,
      model->flash.data_misses + model->cache.data_misses,
  };
}

void cycle_model_add_memory(CycleModel* model, uint32_t base, uint32_t size, const uint8_t* host) {
  if (model->memories < MEMORIES) model->memory[model->memories++] = (Memory){base, size, host};
}

void cycle_model_remove_memory(CycleModel* model, uint32_t base) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < model->memories; i++)
    if (model->memory[i].base != base) model->memory[kept++] = model->memory[i];
  model->memories = kept;
}

static int holds(const Memory* memory, uint32_t address) {
  return address - memory->base <= memory->size - sizeof(uint32_t);
}

static uint32_t word_at(CycleModel* model, uint32_t address) {
  uint32_t word = 0, i = model->latest_memory;
  if (i >= model->memories || !holds(&model->memory[i], address))
    for (i = 0; i < model->memories && !holds(&model->memory[i], address);) i++;
  if (i == model->memories) return 0;
  model->latest_memory = i;
  memcpy(&word, model->memory[i].host + (address - model->memory[i].base), sizeof word);
  return word;
}

static uint32_t pointer_at(CycleModel* model, const CycleBlock* block, uint32_t number) {
  const Pointer* pointer = &model->pointer[block->first_pointer + number - FIRST_POINTER];
  uint32_t base = pointer->base < FIRST_POINTER ? model->registers[pointer->base]
                                                : pointer_at(model, block, pointer->base);
  return word_at(model, base + (uint32_t)pointer->offset);
}

/* What a register held, or a pointer, when the block began. */
static inline uint32_t value_of(CycleModel* model, const CycleBlock* block, uint32_t number) {
  if (__builtin_expect(number < FIRST_POINTER, 1)) return model->registers[number];
  return number == NO_REGISTER ? 0 : pointer_at(model, block, number);
}

static uint32_t wait_for_load(CycleModel* model, uint32_t address, uint32_t bytes, uint64_t now) {
  if (model->core == CORE_RV32) return esp32c3_cache_read(&model->cache, address, bytes);
  return stm32_flash_read(&model->flash, address - model->data_base, bytes, now);
}

static uint32_t delay(CycleModel* model, uint32_t step, uint32_t cause, uint32_t cycles) {
  note_wait(&model->data_waits, step, cause, cycles);
  if (cycles && model->delays < DELAYS) model->delay[model->delays++] = (Delay){step, cycles};
  return cycles;
}

uint32_t cycle_model_delays_behind(const CycleModel* model, uint32_t step) {
  uint32_t cycles = 0;
  for (uint32_t i = 0; i < model->delays; i++)
    if (model->delay[i].step > step) cycles += model->delay[i].cycles;
  return cycles;
}

#define SRAM1 2u

/* Which memory answers an address, as two bits: flash 00, SRAM2 01, SRAM1 10, and registers, of a
 * peripheral 01 and of the core 11. */
static inline uint32_t memory_of(uint32_t address) {
  return (address >> 29 & 1) << 1 | ((address >> 28 | address >> 30) & 1);
}

/* Which memory answers each group's loads. */
typedef struct {
  uint64_t high, low;
} Answers;

static inline void note_answer(Answers* answers, uint32_t group, uint32_t address) {
  if (group >= OTHER_GROUP) return;
  answers->high |= (uint64_t)(memory_of(address) >> 1) << group;
  answers->low |= (uint64_t)(memory_of(address) & 1) << group;
}

/* Cycles more for loads that could not overlap the one before: another memory answers it. */
static uint32_t part_memories(CycleModel* model, const CycleBlock* block, Answers answers) {
  uint32_t cycles = 0;
  const Meeting* meeting = model->meeting + block->first_meeting;
  for (uint32_t i = 0; i < block->meetings; i++, meeting++) {
    uint64_t high = answers.high >> meeting->group ^ answers.high >> meeting->before;
    uint64_t low = answers.low >> meeting->group ^ answers.low >> meeting->before;
    if ((high | low) & 1) cycles += delay(model, meeting->last_step, CAUSE_LOAD, meeting->loads);
  }
  return cycles;
}

static uint32_t memory_of_group(CycleModel* model, const CycleBlock* block, uint32_t number) {
  if (number == NO_LOAD) return NO_LOAD;
  if (number == OTHER_GROUP) return SRAM1;
  const AccessGroup* group = model->group + block->first_group + number;
  uint32_t sum = value_of(model, block, group->base);
  if (group->index != NO_REGISTER) sum += value_of(model, block, group->index) << group->shift;
  return memory_of(sum + (uint32_t)group->first_offset);
}

/* As part_memories, for the block's first load and the one that ended the block before.
 *
 * follows: whether the block stands behind that one.
 */
static uint32_t part_blocks(CycleModel* model, const CycleBlock* block, int follows) {
  uint32_t cycles = 0, before = model->last_load;
  const M4Step* steps = model->step.m4 + block->first_step;
  if (follows && before != NO_LOAD && block->opens != NO_LOAD && block->opens != OTHER_GROUP &&
      !(steps->address_reads & model->last_writes) &&
      memory_of_group(model, block, block->opens) != before)
    cycles = delay(model, 0, CAUSE_LOAD, 1);
  model->last_load = memory_of_group(model, block, block->closes);
  if (model->last_load != NO_LOAD) model->last_writes = steps[block->steps - 1].writes;
  return cycles;
}

/* Cycles more for a group of loads from flash that answers later than SRAM. */
static uint32_t wait_for_flash(CycleModel* model, const AccessGroup* group) {
  uint32_t cycles = 0;
  const Load* load = model->load + group->first_load;
  for (uint32_t k = 0; k < group->loads; k++, load++)
    if (!load->pipelined)
      cycles += delay(model, load->step, CAUSE_FLASH_DATA, model->timing.flash_load);
  return cycles;
}

static uint32_t access_data(CycleModel* model, const CycleBlock* block, uint64_t now) {
  uint32_t cycles = 0;
  Answers answers = {1ull << OTHER_GROUP, 0}; /* SRAM1 for a group whose memory is not known */
  int counts = (model->parts & PART_DATA) != 0;
  int waits = model->core == CORE_RV32 || model->flash.wait_states;
  const AccessGroup* group = model->group + block->first_group;
  for (uint32_t i = 0; i < block->groups; i++, group++) {
    uint32_t sum = value_of(model, block, group->base);
    if (group->index != NO_REGISTER) sum += value_of(model, block, group->index) << group->shift;
    uint32_t unaligned = group->unaligned[sum & 3];
    if (__builtin_expect(unaligned, 0))
      cycles += delay(model, group->last_step, CAUSE_UNALIGNED, unaligned);
    if (!counts || !group->loads) continue;
    uint32_t first = sum + (uint32_t)group->first_offset;
    if (block->meetings) note_answer(&answers, i, first);
    if (first - model->data_base >= model->data_size) continue;
    if (model->timing.flash_load) cycles += wait_for_flash(model, group);
    if (!waits) continue;
    const Load* load = model->load + group->first_load;
    for (uint32_t k = 0; k < group->loads; k++, load++) {
      uint32_t address = sum + (uint32_t)load->offset;
      if (address - model->data_base < model->data_size)
        cycles += delay(model, load->step, CAUSE_FLASH_DATA,
                        wait_for_load(model, address, load->bytes, now + cycles));
    }
  }
  if (block->meetings && counts) cycles += part_memories(model, block, answers);
  return cycles;
}

uint32_t cycle_model_enter(CycleModel* model, CycleBlock* block, uint64_t now) {
  int follows = block->address == model->place.behind;
  uint32_t state = follows ? model->place.fallthrough : model->place.taken;
  const Path* path = &block->path[0];
  if (__builtin_expect(path->state != state + 1, 0)) path = path_from(model, block, state);
  uint32_t cycles = path->cycles;
  if (!model->keeps_waits)
    model->data_waits.count = model->flash.waits.count = model->cache.waits.count = 0;
  model->keeps_waits = 0;
  model->delays = 0;
  model->place.entered = state;
  model->place.fallthrough = path->fallthrough;
  model->place.taken = path->taken;
  model->place.behind = block->address + block->size;
  if (model->parts & PART_FLASH) {
    if (block->placement & CODE_IN_FLASH) {
      if (model->flash.wait_states)
        cycles += stm32_flash_execute(&model->flash, block->address - model->flash.base,
                                      block->size, now, model->spent + block->first_spent);
    } else if (block->placement & CODE_CACHED && block->looked_up != model->cache.fills) {
      cycles += esp32c3_cache_execute(&model->cache, block->address, block->size);
      block->looked_up = model->cache.fills;
    }
  }
  if (model->joins_loads && model->registers && model->parts & PART_DATA)
    cycles += part_blocks(model, block, follows);
  if (block->groups && model->registers) cycles += access_data(model, block, now + cycles);
  model->waited = cycles - path->cycles;
  return cycles;
}

void cycle_model_ends(CycleModel* model, const CycleBlock* block, uint16_t* ends) {
  uint16_t ignored;
  if (model->core == CORE_RV32)
    rv32_run(model->place.entered, model->step.rv32 + block->first_step, block->steps, &ignored,
             &ignored, ends, 0);
  else
    run_m4(model, block, model->place.entered, 0, 0, ends);
}

void cycle_model_causes(CycleModel* model, const CycleBlock* block, uint32_t state,
                        StepCauses* causes) {
  uint16_t ignored;
  if (model->core == CORE_RV32) {
    rv32_run(state, model->step.rv32 + block->first_step, block->steps, &ignored, &ignored, 0,
             causes);
    return;
  }
  M4State start = model->state[state];
  const M4Step* steps = model->step.m4 + block->first_step;
  if (block->steps)
    m4_run(&model->timing, &start, steps, block->steps, block->address,
           is_branch(&steps[block->steps - 1]), 0, causes);
}
