/* The memory protection unit (ARM DDI 0403E, B3.5).
 *
 * Unicorn looks at no MPU. While it is on, a hook on every load and store asks here; a denied load
 * stops the core on the instruction, and what a denied store wrote is taken back. Code is asked for
 * at the entry of each block.
 *
 * FIDELITY:
 *   model: Code is checked where a block begins. Stores of an IT block that follow a denied store
 *     are undone too.
 *   silicon: Each fetch is checked, and the core stops at once.
 *   hides: A block that runs on across the end of a region.
 */
#include <string.h>

#include "core.h"

enum { ENABLE = 1, HFNMIENA = 2, PRIVDEFENA = 4 }; /* MPU_CTRL */
enum { EXECUTE = 4, READ = 1, WRITE = 2 };
#define RASR_XN (1u << 28)
#define PPB_BASE 0xE0000000u
#define PPB_LAST 0xE00FFFFFu
#define UC_HOOK_ACCESS (1 << 10 | 1 << 11) /* UC_HOOK_MEM_READ, UC_HOOK_MEM_WRITE */
#define UC_MEM_WRITE 17
#define TB_FLUSH (10u) /* uc_ctl: forget all code */

/* What RASR.AP allows: privileged, unprivileged (table B3-15). */
static const uint8_t kAllowed[8][2] = {
    {0, 0}, {READ | WRITE, 0}, {READ | WRITE, READ}, {READ | WRITE, READ | WRITE},
    {0, 0}, {READ, 0},         {READ, READ},         {READ, READ},
};

/* The default memory map: no code from peripherals, devices and the system's space. */
static bool never_executed(uint32_t address) {
  return (address >= 0x40000000u && address < 0x60000000u) || address >= 0xA0000000u;
}

static const MpuRegion* region_of(const Mpu* mpu, uint32_t address) {
  for (int n = MPU_REGIONS - 1; n >= 0; n--) {
    const MpuRegion* region = &mpu->region[n];
    if (!(region->attributes & 1)) continue;
    uint32_t bits = (region->attributes >> 1 & 31) + 1; /* the region has 2^bits bytes */
    if (bits < 32 && (address ^ region->base) >> bits) continue;
    uint32_t subregion = bits >= 8 ? address >> (bits - 3) & 7 : 0;
    if (bits >= 8 && region->attributes >> (8 + subregion) & 1) continue;
    return region;
  }
  return NULL;
}

static bool allows(const Core* core, uint32_t address, uint32_t access, bool privileged) {
  const Mpu* mpu = &core->mpu;
  if (address >= PPB_BASE && address <= PPB_LAST) return true; /* its own rules */
  const MpuRegion* region = region_of(mpu, address);
  if (!region) {
    if (!privileged || !(mpu->control & PRIVDEFENA)) return false;
    return !(access & EXECUTE) || !never_executed(address);
  }
  uint32_t allowed = kAllowed[region->attributes >> 24 & 7][!privileged];
  if (access & EXECUTE)
    return allowed & READ && !(region->attributes & RASR_XN) && !never_executed(address);
  return allowed & access;
}

/* Both ends of an access, which may lie in two regions. */
static bool allows_all(const Core* core, uint32_t address, uint32_t size, uint32_t access,
                       bool privileged) {
  return allows(core, address, access, privileged) &&
         allows(core, address + size - 1, access, privileged);
}

static bool applies(const Core* core, int priority) {
  return core->mpu.control & ENABLE && (priority >= 0 || core->mpu.control & HFNMIENA);
}

static void on_access(Uc* uc, int kind, uint64_t at, int size, int64_t value, void* user) {
  (void)uc, (void)value;
  Core* core = user;
  Mpu* mpu = &core->mpu;
  uint32_t address = (uint32_t)at, access = kind == UC_MEM_WRITE ? WRITE : READ;
  if (!mpu->applies || allows_all(core, address, (uint32_t)size, access, mpu->privileged)) return;
  if (access == WRITE && mpu->undo_count < MPU_UNDO) {
    uint8_t* host = host_of(core, address, (uint32_t)size, true);
    if (host) {
      MpuUndo* undo = &mpu->undo[mpu->undo_count++];
      undo->host = host;
      undo->size = (uint32_t)size;
      memcpy(undo->bytes, host, (uint32_t)size);
    }
  }
  if (!core->protection) {
    core->protection = access;
    core->fault_address = address;
  }
  stop_now(core);
}

/* Takes back what denied stores wrote, once the core has stopped. */
void mpu_undo(Core* core) {
  Mpu* mpu = &core->mpu;
  while (mpu->undo_count) {
    const MpuUndo* undo = &mpu->undo[--mpu->undo_count];
    memcpy(undo->host, undo->bytes, undo->size);
  }
}

/* Before a block runs; false where its code may not be executed. */
bool mpu_allows_block(Core* core, uint32_t address) {
  Mpu* mpu = &core->mpu;
  mpu->applies = applies(core, armv7m_fault_priority(core));
  mpu->privileged = armv7m_privileged(core);
  if (!mpu->applies || allows(core, address, EXECUTE, mpu->privileged)) return true;
  core->protection = EXECUTE;
  core->fault_address = address;
  return false;
}

/* Whether an exception frame may be stored or taken. */
bool mpu_allows_frame(Core* core, uint32_t base, uint32_t size, bool write, bool privileged) {
  if (!applies(core, armv7m_fault_priority(core))) return true;
  return allows_all(core, base, size, write ? WRITE : READ, privileged);
}

/* Whether the current mode, or an unprivileged load or store, may access an address. */
void facet_set_mpu(Core* core, uint32_t control, const MpuRegion* regions) {
  Mpu* mpu = &core->mpu;
  mpu->control = control;
  memcpy(mpu->region, regions, sizeof mpu->region);
  mpu->changed = 1;
  core->attention = core->resettle = 1;
}

/* Adds or removes the hook on loads and stores; called while the core stands still. */
void mpu_settle(Core* core) {
  Mpu* mpu = &core->mpu;
  mpu->changed = 0;
  bool wanted = mpu->control & ENABLE;
  if (wanted == (mpu->hook != 0)) return;
  if (wanted) {
    core->api.hook_add(core->uc, &mpu->hook, UC_HOOK_ACCESS, (void*)on_access, core, (uint64_t)1,
                       (uint64_t)0);
  } else {
    core->api.hook_del(core->uc, mpu->hook);
    mpu->hook = 0;
  }
  /* Blocks are translated with or without the question. */
  core->api.ctl(core->uc, TB_FLUSH);
}
