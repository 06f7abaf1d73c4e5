/* Called by Unicorn at the entry of every translated block: adds up what the block costs and stops
 * the core when the next event of the board is due or an interrupt is to be taken.
 *
 * What a block costs on its own is worked out once, in Python (`cost_block`), and kept in a table;
 * here the run adds what only it knows: whether the branch before was taken, and which flash lines
 * missed.
 */
#include "core.h"
#include "profile.h"

/* A block of at least this many half cycles is split where an event is due within it. */
#define LONG_BLOCK 64u

uint32_t facet_core_size(void) { return sizeof(Core); }
CycleModel* facet_cycle_model(Core* core) { return &core->model; }

void facet_forget_blocks(Core* core) {
  for (uint32_t i = 0; i < BLOCK_SLOTS; i++) core->blocks[i].address = 1;
  core->blocks_known = 0;
  cycle_model_forget(&core->model);
  facet_forget_steps(core);
}

void branch_breaks(Core* core) { cycle_model_restart(&core->model); }

void facet_branch_breaks(Core* core) { branch_breaks(core); }

void stop_now(Core* core) { core->api.emu_stop(core->uc); }

static Block* find_block(Core* core, uint32_t address, uint32_t size) {
  uint32_t slot = (address >> 1 ^ address >> 14) & (BLOCK_SLOTS - 1);
  for (;; slot = (slot + 1) & (BLOCK_SLOTS - 1)) {
    Block* block = &core->blocks[slot];
    if (__builtin_expect(block->address == address, 1)) {
      if (__builtin_expect(block->size == size, 1)) return block;
    } else if (block->address != 1) {
      continue;
    } else {
      core->blocks_known++;
    }
    /* New, or translated again with another length. */
    if (core->blocks_known > BLOCK_SLOTS / 4 * 3 || cycle_model_full(&core->model)) {
      facet_forget_blocks(core);
      core->blocks_known = 1;
    }
    core->cost_block(address, size, block);
    if (core->profile && block->address == address) profile_describe(core, block);
    return block;
  }
}

/* The cycle model's part of a block that is known; NULL where it is not. */
const CycleBlock* cycle_block(Core* core, uint32_t address) {
  uint32_t slot = (address >> 1 ^ address >> 14) & (BLOCK_SLOTS - 1);
  for (;; slot = (slot + 1) & (BLOCK_SLOTS - 1)) {
    if (core->blocks[slot].address == address) return &core->blocks[slot].cost;
    if (core->blocks[slot].address == 1) return NULL;
  }
}

/* Half cycles of a block that is entered now. */
static uint32_t cost_of(Core* core, Block* block) {
  uint32_t cycles = cycle_model_enter(&core->model, &block->cost, core->half_cycles / 2);
  cycles += core->owed;
  core->owed = 0;
  return 2 * cycles;
}

/* Whether the addresses that are known on entry are aligned as their instructions need it. */
static bool is_aligned(Core* core, const Block* block) {
  for (uint32_t i = 0; i < block->check_count; i++) {
    uint32_t check = block->checks[i];
    if ((general(core, check >> 4) + (check >> 2 & 3)) & check & 3) return false;
  }
  return true;
}

/* The block does not run now; it is entered again when the stop within it is prepared. */
static void take_back(Core* core, const Block* block, uint64_t begin, Edge before,
                      CyclePlace place) {
  core->half_cycles = begin;
  core->owed = core->model.waited;
  core->model.keeps_waits = 1;
  core->model.place = place;
  core->instructions -= block->instructions;
  core->split_begin = block->address;
  core->split_size = block->size;
  core->last = before;
  stop_now(core);
}

void on_block(Uc* uc, uint64_t at, uint32_t size, void* user) {
  (void)uc;
  Core* core = user;
  uint32_t address = (uint32_t)at;
  if (__builtin_expect(core->half_cycles >= core->deadline || core->attention, 0)) {
    core->deadline_hit = 1;
    stop_now(core); /* the block does not run; it is entered again on resuming */
    return;
  }
  if (__builtin_expect(core->mpu.control & 1, 0) && !mpu_allows_block(core, address)) {
    stop_now(core);
    return;
  }
  Block* block = find_block(core, address, size);
  if (__builtin_expect(block->address != address, 0)) return; /* refused: it does not run */
  if (block->check_count && __builtin_expect(!is_aligned(core, block), 0)) {
    core->misaligned = 1;
    core->cost_block(address, size, block);
    if (block->address != address) return;
    if (core->profile) profile_describe(core, block);
  }
  if (address <= core->last.address && core->skip_spinning) at_loop_head(core, address);
  Edge before = core->last;
  CyclePlace place = core->model.place;
  uint64_t begin = core->half_cycles;
  core->half_cycles += cost_of(core, block);
  core->instructions += block->instructions;
  core->last = (Edge){address, size};
  core->steps_next = 0;
  if (__builtin_expect(block->flags & (MAY_UNMASK | EXCLUSIVE), 0)) {
    core->attention |= block->flags & MAY_UNMASK && core->masked;
    core->exclusive |= block->flags & EXCLUSIVE;
  }
  if (__builtin_expect(core->half_cycles > core->deadline, 0) && core->split_at == NOWHERE &&
      core->half_cycles - begin >= LONG_BLOCK) {
    core->split_at = split_address(core, begin);
    if (core->split_at != NOWHERE) {
      take_back(core, block, begin, before, place);
      return;
    }
  }
  if (core->profile) profile_block(core, block, begin);
}
