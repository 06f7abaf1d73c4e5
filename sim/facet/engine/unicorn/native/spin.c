/* Skips loops that only wait: nothing that they look at changes before the next event.
 *
 * A loop's head is a block that is entered by a branch backwards. Where its registers are the same
 * at three visits in a row, no access between them was more than a look at a register's word, and
 * the writable memory is the same at the last two, then the loop is at a fixed point: each further
 * round is the same, until an event changes something. As many whole rounds as fit before the
 * deadline are counted (cycles, instructions) without being run. What follows runs as always, so
 * that the core stops in the same block, at the same cycle, as without.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "profile.h"

#define FIRST_LOOK 32u      /* visits of a head before it is looked at */
#define LONGEST_WAIT 65536u /* visits between two looks at a head that does not spin */
#define PATIENCE 4096u      /* backward branches elsewhere before a look is given up */

void facet_profile_stop(Core* core);

static uint32_t registers_of(Core* core, uint32_t* to) {
  uint32_t count = core->is_arm ? 15 : 32;
  for (uint32_t i = 0; i < count; i++) to[i] = general(core, i);
  return core->is_arm ? read_id(core, ID_XPSR) : 0;
}

static bool same_registers(Core* core) {
  uint32_t now[32] = {0};
  uint32_t status = registers_of(core, now);
  return status == core->spin.status &&
         !memcmp(now, core->spin.registers, (core->is_arm ? 15 : 32) * sizeof *now);
}

/* Compares the writable memory with its copy, which is brought up to date. */
static bool same_memory(Core* core) {
  bool same = true;
  size_t place = 0;
  for (uint32_t i = 0; i < core->memories; i++) {
    const MemoryPiece* piece = &core->memory[i];
    if (!piece->writable) continue;
    uint8_t* copy = core->ram_copy + place;
    place += piece->size;
    if (!memcmp(copy, piece->host, piece->size)) continue;
    same = false;
    memcpy(copy, piece->host, piece->size);
  }
  return same;
}

static bool has_ram_copy(Core* core) {
  if (core->ram_copy) return true;
  size_t size = 0;
  for (uint32_t i = 0; i < core->memories; i++)
    if (core->memory[i].writable) size += core->memory[i].size;
  core->ram_copy = calloc(1, size + 1);
  return core->ram_copy != NULL;
}

void facet_free(Core* core) {
  free(core->ram_copy);
  core->ram_copy = NULL;
  facet_forget_steps(core);
  facet_profile_stop(core);
}

static Head* head_of(Core* core, uint32_t address) {
  Head* head = &core->spin.heads[(address >> 1) % HEADS];
  if (head->address != address) *head = (Head){address, 0, FIRST_LOOK};
  return head;
}

void spin_reset(Core* core) {
  core->spin.head = NOWHERE;
  if (core->profile) core->profile->counting = 0;
}

static void give_up(Core* core) {
  Head* head = head_of(core, core->spin.head);
  head->visits = 0;
  if (head->wait < LONGEST_WAIT) head->wait *= 2;
  spin_reset(core);
}

static void note(Core* core) {
  Spin* spin = &core->spin;
  spin->status = registers_of(core, spin->registers);
  spin->half_cycles = core->half_cycles;
  spin->instructions = core->instructions;
  spin->effects = core->effects;
  if (core->profile) profile_new_round(core);
}

static void skip_rounds(Core* core) {
  Spin* spin = &core->spin;
  uint64_t period = core->half_cycles - spin->half_cycles;
  uint64_t count = core->instructions - spin->instructions;
  uint64_t deadline = core->deadline; /* read once: another thread may end the run */
  if (!period || core->half_cycles >= deadline) return;
  /* One round fewer than fit: the last one runs, and with it what the deadline cuts short. */
  uint64_t rounds = (deadline - core->half_cycles) / period;
  if (rounds < 2 || (core->profile && !profile_can_skip(core))) return;
  core->half_cycles += (rounds - 1) * period;
  core->instructions += (rounds - 1) * count;
  core->skipped_instructions += (rounds - 1) * count;
  if (core->profile) profile_skip(core, rounds - 1);
}

void at_loop_head(Core* core, uint32_t address) {
  Spin* spin = &core->spin;
  if (spin->head == NOWHERE) {
    Head* head = head_of(core, address);
    if (++head->visits < head->wait) return;
    spin->head = address;
    spin->stage = 0;
    spin->patience = PATIENCE;
    note(core);
    return;
  }
  if (spin->head != address) {
    if (!--spin->patience) give_up(core);
    return;
  }
  if (core->effects != spin->effects || !same_registers(core) ||
      (!spin->stage && !has_ram_copy(core))) {
    give_up(core);
    return;
  }
  bool same = same_memory(core);
  if (spin->stage && same) {
    skip_rounds(core);
    head_of(core, address)->wait = FIRST_LOOK;
  } else if (spin->stage) {
    give_up(core);
    return;
  }
  spin->stage = 1;
  note(core);
}
