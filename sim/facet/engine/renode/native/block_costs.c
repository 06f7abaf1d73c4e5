#include "block_costs.h"

#include <stddef.h>

static _Thread_local BlockCosts* current; /* Renode's hook has no argument of ours */

uint32_t facet_renode_size(void) { return sizeof(BlockCosts); }
uint32_t facet_renode_head_size(void) { return offsetof(BlockCosts, known); }
CycleModel* facet_renode_model(BlockCosts* costs) { return &costs->model; }

void facet_renode_init(BlockCosts* costs) {
  costs->model.joins_loads = 1; /* a block ends behind most loads */
  facet_renode_forget(costs);
}

void facet_renode_use(BlockCosts* costs) { current = costs; }

void facet_renode_forget(BlockCosts* costs) {
  for (uint32_t i = 0; i < SLOTS; i++) costs->slot[i].address = 1;
  costs->known = 0;
  cycle_model_forget(&costs->model);
}

void facet_renode_spend(BlockCosts* costs, uint32_t cycles) {
  costs->cycles += cycles;
  costs->skipped = 0;
  cycle_model_restart(&costs->model);
}

static Slot* find(BlockCosts* costs, uint32_t address, uint32_t instructions) {
  uint32_t place = (address >> 1 ^ address >> 14) & (SLOTS - 1);
  for (;; place = (place + 1) & (SLOTS - 1)) {
    Slot* slot = &costs->slot[place];
    if (slot->address == address) {
      if (slot->instructions == instructions) return slot;
    } else if (slot->address != 1) {
      continue;
    } else {
      costs->known++;
    }
    /* New, or translated again with another length. */
    if (costs->known > SLOTS / 4 * 3 || cycle_model_full(&costs->model)) {
      facet_renode_forget(costs);
      costs->known = 1;
      slot = &costs->slot[(address >> 1 ^ address >> 14) & (SLOTS - 1)];
    }
    slot->address = address;
    slot->instructions = instructions;
    costs->describe(address, instructions, slot);
    return slot;
  }
}

void facet_renode_divide(BlockCosts* costs, uint32_t dividend, uint32_t divisor,
                         uint32_t is_signed) {
  costs->cycles += m4_divide_cycles(dividend, divisor, (int)is_signed) - 2;
}

void facet_renode_skip(BlockCosts* costs, uint32_t cycles) { costs->skipped += cycles; }

/* Of a block's cycles, those that skipped instructions do not take. What an instruction takes
 * beyond its first cycle may be a later block's, in which the next one leaves decode. */
static uint32_t take_off(BlockCosts* costs, uint32_t cycles) {
  uint32_t most = cycles ? cycles - 1 : 0;
  uint32_t less = costs->skipped < most ? costs->skipped : most;
  costs->skipped -= less;
  return less;
}

static void enter(BlockCosts* costs, Slot* slot) {
  costs->block_instructions = slot->instructions;
  costs->block_cycles = cycle_model_enter(&costs->model, &slot->cost, costs->cycles);
  costs->cycles += costs->block_cycles - take_off(costs, costs->block_cycles);
}

void facet_renode_carried_out(BlockCosts* costs, uint32_t address) {
  enter(costs, find(costs, address, 1));
}

uint32_t facet_renode_block(uint64_t at, uint32_t instructions) {
  BlockCosts* costs = current;
  uint32_t address = (uint32_t)at;
  if (__builtin_expect(costs->cycles >= costs->deadline || costs->attention, 0)) {
    costs->stopped = 1;
    return 0;
  }
  Slot* slot = find(costs, address, instructions);
  if (__builtin_expect(slot->site, 0) && !costs->on_site(address)) {
    costs->stopped = 1;
    return 0;
  }
  enter(costs, slot);
  return 1;
}
