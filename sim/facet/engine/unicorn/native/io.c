/* Accesses to registers: served from shared words where a look changes nothing, else by Python. */
#include <string.h>

#include "core.h"
#include "profile.h"

#define PPB_FIRST 0xE0000000u
#define STIR 0xE000EF00u

uint8_t* host_of(Core* core, uint32_t address, uint32_t size, bool write) {
  for (uint32_t i = 0; i < core->memories; i++) {
    MemoryPiece* piece = &core->memory[i];
    uint32_t offset = address - piece->base;
    if (offset < piece->size && piece->size - offset >= size)
      return write && !piece->writable ? NULL : piece->host + offset;
  }
  return NULL;
}

void facet_add_memory(Core* core, uint32_t base, uint32_t size, uint8_t* host, uint32_t writable) {
  core->memory[core->memories++] = (MemoryPiece){base, size, host, writable};
}

void facet_remove_memory(Core* core, uint32_t base) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < core->memories; i++)
    if (core->memory[i].base != base) core->memory[kept++] = core->memory[i];
  core->memories = kept;
}

/* -- registers that are words in shared memory ------------------------------------------------- */

static RegisterSlot* slot_of(Core* core, uint32_t word_address) {
  uint32_t place = (word_address >> 2 ^ word_address >> 11) % REGISTER_SLOTS;
  while (core->slots[place].address && core->slots[place].address != word_address)
    place = (place + 1) % REGISTER_SLOTS;
  return &core->slots[place];
}

/* Lets a register be read natively; `gates` are two triples of word, mask and value. */
void facet_share_register(Core* core, uint32_t address, uint32_t word, uint32_t visible,
                          const uint32_t* gates, uint32_t pure) {
  RegisterSlot* slot = slot_of(core, address);
  *slot = (RegisterSlot){.address = address, .word = word, .visible = visible, .pure = pure};
  for (int i = 0; i < 2; i++) {
    slot->gate_word[i] = gates[3 * i];
    slot->gate_mask[i] = gates[3 * i + 1];
    slot->gate_value[i] = gates[3 * i + 2];
  }
}

static bool is_open(const Core* core, const RegisterSlot* slot) {
  for (int i = 0; i < 2; i++)
    if ((core->words[slot->gate_word[i]] & slot->gate_mask[i]) != slot->gate_value[i]) return false;
  return true;
}

static uint32_t lane(uint32_t word, uint32_t address, uint32_t size) {
  word >>= 8 * (address & 3);
  return size == 4 ? word : word & ((1u << 8 * size) - 1);
}

/* -- counters ---------------------------------------------------------------------------------- */

void facet_set_counter(Core* core, uint32_t number, const Counter* counter) {
  core->counter[number] = *counter;
}

static uint32_t count_of(const Counter* counter, uint64_t half_cycles) {
  uint64_t passed = (half_cycles - counter->anchor) / 2 / counter->divider % counter->period;
  uint64_t count =
      counter->down ? counter->start + counter->period - passed : counter->start + passed;
  return (uint32_t)(count % counter->period);
}

/* -- bridges ----------------------------------------------------------------------------------- */

void facet_set_bridge(Core* core, uint32_t number, uint32_t base, uint32_t size, uint32_t cycles) {
  core->bridge[number] = (Bridge){base, size, 2 * cycles};
}

static void spend_on_bridge(Core* core, uint32_t address, uint32_t half_cycles, bool write) {
  core->half_cycles += half_cycles;
  if (!core->profile || !half_cycles) return;
  uint32_t next = core->steps_next;
  const Step* step = step_of_access(core, address, write);
  core->steps_next = next;
  uint32_t at = core->last.address + (step ? step->offset : 0);
  profile_wait(core, at, CAUSE_BUS, (int32_t)half_cycles / 2);
}

static void wait_for_bridge(Core* core, uint32_t address, bool write) {
  for (int i = 0; i < BRIDGES; i++)
    if (address - core->bridge[i].base < core->bridge[i].size)
      spend_on_bridge(core, address, core->bridge[i].half_cycles, write);
}

/* -- accesses ---------------------------------------------------------------------------------- */

/* Notes where and when the access under way takes place, for Python to ask. */
static const Step* begin_access(Core* core, uint32_t address, bool write) {
  const Step* step = step_of_access(core, address, write);
  core->access_pc = core->last.address + (step ? step->offset : 0);
  core->access_half_cycles = core->half_cycles - (step ? half_cycles_behind(core, step) : 0);
  core->in_access = 1;
  return step;
}

static void end_access(Core* core) {
  core->in_access = 0;
  if (core->failed) stop_now(core);
}

/* The private peripheral bus is for privileged code (ARM DDI 0403E, B3.1.1); STIR may be opened. */
static bool is_denied(Core* core, const Window* window, uint32_t address) {
  if (core->protection) return true; /* by the MPU, a moment ago */
  if (!core->is_arm || window->base < PPB_FIRST || armv7m_privileged(core)) return false;
  if (address == STIR && core->user_may_pend) return false;
  core->protection = UNPRIVILEGED;
  core->fault_address = address;
  stop_now(core);
  return true;
}

uint64_t on_io_read(Uc* uc, uint64_t offset, unsigned size, void* user) {
  (void)uc;
  Window* window = user;
  Core* core = window->core;
  uint32_t address = window->base + (uint32_t)offset;
  if (is_denied(core, window, address)) return 0;
  wait_for_bridge(core, address, false);
  RegisterSlot* slot = window->native ? slot_of(core, address & ~3u) : NULL;
  bool shared = slot && slot->address && is_open(core, slot);
  if (shared && (!slot->pure || slot->effects == core->effects))
    return lane(core->words[slot->word] & slot->visible, address, size);
  if (shared) {
    begin_access(core, address, false);
    core->words[slot->word] = window->read(address & ~3u, 4);
    slot->effects = core->effects;
    end_access(core);
    return lane(core->words[slot->word], address, size);
  }
  for (int i = 0; i < COUNTERS; i++)
    if (core->counter[i].address && core->counter[i].address == (address & ~3u)) {
      begin_access(core, address, false);
      core->in_access = 0;
      core->effects++; /* another time, another count */
      return lane(count_of(&core->counter[i], core->access_half_cycles), address, size);
    }
  uint32_t word;
  if (core->is_arm && read_nvic(core, address & ~3u, &word)) {
    core->effects++;
    return lane(word, address, size);
  }
  begin_access(core, address, false);
  core->effects++;
  uint32_t value = window->read(address, size);
  end_access(core);
  return value;
}

void on_io_write(Uc* uc, uint64_t offset, unsigned size, uint64_t value, void* user) {
  (void)uc;
  Window* window = user;
  Core* core = window->core;
  uint32_t address = window->base + (uint32_t)offset;
  if (is_denied(core, window, address)) return;
  wait_for_bridge(core, address, true);
  const Step* step = begin_access(core, address, true);
  core->effects++;
  if (!(core->is_arm && write_nvic(core, address, size, (uint32_t)value)))
    window->write(address, size, (uint32_t)value);
  end_access(core);
  /* An interrupt that the store made takeable comes before the next instruction, and a setting that
   * it changed holds from there on. */
  if (core->attention && step && step->flags & STEP_PLAIN &&
      (core->resettle || interrupt_takeable(core))) {
    core->stop_behind = core->last.address + step->offset;
    stop_now(core);
  }
}

void facet_map_io(Core* core, uint32_t base, uint32_t size, uint32_t native,
                  uint32_t (*read)(uint32_t, uint32_t),
                  void (*write)(uint32_t, uint32_t, uint32_t)) {
  Window* window = &core->window[core->windows++];
  *window = (Window){core, base, native, read, write};
  core->api.mmio_map(core->uc, base, size, (void*)on_io_read, window, (void*)on_io_write, window);
}
