/* The run loop: instructions in Unicorn, exceptions and interrupts between them. */
#include <string.h>

#include "core.h"
#include "profile.h"

#define NEVER_EXECUTED 0xFFFFFFFEu /* emu_start's end address */
#define EXC_RETURN_FIRST 0xFFFFFFE0u
#define MSTATUS_MIE (1u << 3)
#define MSTATUS_MPIE (1u << 7)
#define MSTATUS_MPP (3u << 11)
enum { MACHINE = 3, RV_TRAP_CYCLES = 4 };
enum { RV_EXCEPTIONS = 256 }; /* Node.number of an exception of RV32: its cause and this */
enum { TRAP_UNDEFINED = 1, TRAP_SVC = 2, TRAP_EXCEPTION_RETURN = 8, TRAP_ERROR = 0x100 };
enum { NO_TRAP = ~0u };
enum { HINT_NONE, HINT_YIELD = 1, HINT_WFE = 2, HINT_WFI = 3 };

/* -- Unicorn's callbacks ----------------------------------------------------------------------- */

static void on_interrupt(Uc* uc, uint32_t number, void* user) {
  (void)uc;
  Core* core = user;
  core->trap = number;
  stop_now(core);
}

static bool on_memory_fault(Uc* uc, int kind, uint64_t address, int size, int64_t value,
                            void* user) {
  (void)uc, (void)size, (void)value;
  Core* core = user;
  core->fault_address = (uint32_t)address;
  core->fault_kind = (uint32_t)kind;
  return false;
}

static void on_split(Uc* uc, uint64_t address, uint32_t size, void* user) {
  (void)uc, (void)size;
  Core* core = user;
  if ((uint32_t)address == core->split_at) stop_now(core);
}

void facet_attach(Core* core, Uc* uc) {
  size_t handle;
  core->uc = uc;
  core->trap = NO_TRAP;
  core->stop_behind = core->split_at = NOWHERE;
  spin_reset(core);
  /* begin > end: every address, by Unicorn's convention */
  core->api.hook_add(uc, &handle, UC_HOOK_BLOCK, (void*)on_block, core, (uint64_t)1, (uint64_t)0);
  core->api.hook_add(uc, &handle, UC_HOOK_INTR, (void*)on_interrupt, core, (uint64_t)1,
                     (uint64_t)0);
  core->api.hook_add(uc, &handle, UC_HOOK_INVALID_MEMORY, (void*)on_memory_fault, core, (uint64_t)1,
                     (uint64_t)0);
}

/* -- interrupts -------------------------------------------------------------------------------- */

static bool rv32_takeable(Core* core) {
  return core->offered &&
         (read_id(core, ID_PRIV) != MACHINE || read_id(core, ID_MSTATUS) & MSTATUS_MIE);
}

bool interrupt_takeable(Core* core) {
  return core->is_arm ? armv7m_takeable(core) : rv32_takeable(core);
}

/* Enters a trap (volume II, 3.1.6 and 3.1.7).
 *
 * FIDELITY:
 *   model: Entering a trap costs 4 cycles, as in the RI5CY core, whose branch timing and counter
 *     the ESP32-C3 shares.
 *   silicon: The figure is in no public source.
 *   hides: Some cycles for each interrupt.
 */
void facet_rv_enter_trap(Core* core, uint32_t cause, uint32_t value, uint32_t vector) {
  uint32_t privilege = read_id(core, ID_PRIV);
  write_id(core, ID_PRIV, MACHINE); /* first: QEMU guards the registers below */
  uint32_t status = read_id(core, ID_MSTATUS);
  uint32_t stacked = status & MSTATUS_MIE ? MSTATUS_MPIE : 0;
  write_id(core, ID_MSTATUS,
           (status & ~(MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP)) | stacked | privilege << 11);
  write_id(core, ID_MEPC, read_id(core, ID_RV_PC));
  write_id(core, ID_MCAUSE, cause);
  write_id(core, ID_MTVAL, value);
  write_id(core, ID_RV_PC, vector);
  branch_breaks(core);
  spin_reset(core);
  core->half_cycles += 2 * RV_TRAP_CYCLES;
  if (core->profile)
    profile_interrupt(core, cause >> 31 ? cause & 31 : RV_EXCEPTIONS + cause,
                      read_id(core, ID_MEPC), general(core, 2), RV_TRAP_CYCLES);
}

/* Takes the interrupt that comes first; STOP_DEADLINE, or why it could not be entered. */
static uint32_t take_interrupt(Core* core) {
  core->attention = core->resettle = 0;
  if (!core->is_arm) {
    if (rv32_takeable(core))
      facet_rv_enter_trap(core, 1u << 31 | core->offered, 0,
                          (core->mtvec & ~1u) + 4 * core->offered);
    core->masked = core->offered != 0;
    return STOP_DEADLINE;
  }
  if (core->basepri_written) {
    write_id(core, ID_BASEPRI, core->basepri);
    core->basepri_written = 0;
  }
  uint32_t stop = STOP_DEADLINE;
  int number = best_exception(core);
  if (number && facet_group_of(core, (uint32_t)number) < facet_execution_priority(core))
    stop = facet_enter(core, (uint32_t)number, read_id(core, ID_PC));
  core->masked = best_exception(core) != 0;
  return stop;
}

static bool can_run(Core* core) {
  if (core->is_arm) return facet_arm_can_run(core);
  return !core->held && (!core->waiting || core->offered);
}

static void end_wait(Core* core) {
  if (core->is_arm)
    facet_arm_end_wait(core);
  else
    core->waiting = 0;
}

uint32_t facet_can_run(Core* core) { return can_run(core); }
void facet_end_wait(Core* core) { end_wait(core); }

/* -- why Unicorn came back --------------------------------------------------------------------- */

/* The hint instruction that stands before `pc`, where Unicorn stops behind hints. */
static int hint_before(Core* core, uint32_t pc) {
  const uint8_t* code = host_of(core, pc - 2, 2, false);
  if (code && code[1] == 0xBF && (code[0] & 0xF) == 0) return code[0] >> 4;
  code = host_of(core, pc - 4, 4, false); /* F3AF 800x */
  if (code && code[1] == 0xF3 && code[0] == 0xAF && code[3] == 0x80) return code[2];
  return HINT_NONE;
}

static bool wfi_before(Core* core, uint32_t pc) {
  static const uint8_t wfi[] = {0x73, 0x00, 0x50, 0x10};
  const uint8_t* code = host_of(core, pc - 4, 4, false);
  return code && !memcmp(code, wfi, sizeof wfi);
}

static bool is_fetch(const Core* core) {
  return core->fault_kind == UC_FETCH_UNMAPPED || core->fault_kind == UC_FETCH_PROT;
}

static uint32_t pc_of(Core* core) { return read_id(core, core->is_arm ? ID_PC : ID_RV_PC); }

/* The core stopped behind a store that made an interrupt takeable, or shortly after. */
static void settle_behind(Core* core) {
  uint32_t pc = pc_of(core);
  const Step* step = pc == core->stop_behind ? step_at(core, pc) : NULL;
  core->stop_behind = NOWHERE;
  if (!step) {
    uncount_from(core, pc); /* within an IT block Unicorn stops later */
    return;
  }
  uint32_t next = pc + step->size;
  write_id(core, core->is_arm ? ID_PC : ID_RV_PC, core->is_arm ? next | 1 : next);
  uncount_behind(core, step);
}

/* Prepares the stop within a long block: the block is translated again, with a hook in it. */
static void arm_split(Core* core, size_t* hook) {
  core->api.hook_add(core->uc, hook, UC_HOOK_CODE, (void*)on_split, core, (uint64_t)core->split_at,
                     (uint64_t)core->split_at);
  core->api.ctl(core->uc, TB_REMOVE_CACHE, (uint64_t)core->split_begin,
                (uint64_t)core->split_begin + core->split_size);
}

/* STOP_DEADLINE where the loop goes on. */
static uint32_t arm_outcome(Core* core, int error) {
  if (core->fault_kind && is_fetch(core) && core->fault_address >= EXC_RETURN_FIRST)
    return return_from_exception(core, core->fault_address | 1);
  if (core->fault_kind) {
    if (!is_fetch(core)) uncount_from(core, pc_of(core));
    return STOP_MEMORY;
  }
  if (core->protection) {
    mpu_undo(core);
    if (core->protection != 4) uncount_from(core, pc_of(core));
    return core->protection == UNPRIVILEGED ? STOP_UNPRIVILEGED : STOP_PROTECTION;
  }
  if (core->at_site) return STOP_SITE;
  if (core->trap == TRAP_EXCEPTION_RETURN) /* bit 0 went to the Thumb state */
    return return_from_exception(core, pc_of(core) | 1);
  if (core->trap == TRAP_SVC && facet_group_of(core, 11) < facet_execution_priority(core)) {
    facet_set_pending(core, 11, 1);
    return STOP_DEADLINE;
  }
  int hint = hint_before(core, pc_of(core));
  if (error && hint == HINT_YIELD) return STOP_DEADLINE;
  if ((error && hint == HINT_WFE) || (!error && core->trap == NO_TRAP && hint == HINT_WFI)) {
    core->waiting = 1;
    core->waits_for_event = hint == HINT_WFE;
    return STOP_DEADLINE;
  }
  if (core->trap != NO_TRAP || error) {
    if (error) core->trap = TRAP_UNDEFINED;
    return STOP_TRAP;
  }
  return STOP_DEADLINE;
}

static uint32_t rv32_outcome(Core* core, int error) {
  if (core->fault_kind) {
    if (!is_fetch(core)) uncount_from(core, pc_of(core));
    return STOP_MEMORY;
  }
  if (core->at_site) return STOP_SITE;
  if (core->trap != NO_TRAP || error) {
    if (error) core->trap = TRAP_ERROR;
    return STOP_TRAP;
  }
  if (wfi_before(core, pc_of(core))) {
    branch_breaks(core);
    core->waiting = 1;
  }
  return STOP_DEADLINE;
}

static int execute(Core* core) {
  uint32_t pc = pc_of(core);
  core->trap = NO_TRAP;
  core->fault_kind = core->at_site = core->deadline_hit = core->refused = core->protection = 0;
  if (core->is_arm) drop_privilege(core);
  int error = core->api.emu_start(core->uc, core->is_arm ? pc | 1 : pc, NEVER_EXECUTED, 0, 0);
  if (core->is_arm) regain_privilege(core);
  return error;
}

/* Runs until `until` half cycles or until Python has to look at something. */
uint32_t facet_run(Core* core, uint64_t until) {
  size_t split_hook = 0;
  core->effects++;
  for (;;) {
    if (!can_run(core)) return STOP_WAIT;
    end_wait(core);
    uint32_t stop = take_interrupt(core);
    if (stop != STOP_DEADLINE) return stop;
    if (core->half_cycles >= until || core->reconsider) return STOP_DEADLINE;
    core->deadline = until;
    if (core->mpu.changed) mpu_settle(core);
    if (core->split_at != NOWHERE) arm_split(core, &split_hook);
    int error = execute(core);
    if (split_hook) {
      core->api.hook_del(core->uc, split_hook);
      core->api.ctl(core->uc, TB_REMOVE_CACHE, (uint64_t)core->split_begin,
                    (uint64_t)core->split_begin + core->split_size);
      split_hook = 0;
      if (pc_of(core) == core->split_at) uncount_from(core, core->split_at);
      core->split_at = NOWHERE;
    }
    if (core->failed) return STOP_FAILED;
    if (core->refused) return STOP_REFUSED;
    if (core->stop_behind != NOWHERE) {
      settle_behind(core);
      continue;
    }
    if (core->deadline_hit || core->split_at != NOWHERE) continue;
    stop = core->is_arm ? arm_outcome(core, error) : rv32_outcome(core, error);
    if (stop != STOP_DEADLINE) return stop;
  }
}

/* Makes facet_run return before the next block. */
void facet_reconsider(Core* core) {
  core->reconsider = 1;
  core->deadline = 0;
}

/* -- for Python -------------------------------------------------------------------------------- */

uint32_t facet_head_size(void) { return offsetof(Core, uc); }
uint32_t facet_step_size(void) { return sizeof(Step); }
uint32_t facet_counter_size(void) { return sizeof(Counter); }

void facet_set_up(Core* core, void* const* api, uint32_t is_arm, const int* ids, uint32_t count) {
  memcpy(&core->api, api, sizeof core->api);
  memcpy(core->ids, ids, count * sizeof *ids);
  core->is_arm = is_arm;
  core->skip_spinning = 1;
  for (uint32_t i = 0; i < STEP_LISTS; i++) core->lists[i].address = NOWHERE;
}

/* Where the values of shared registers lie. */
void facet_set_words(Core* core, uint32_t* words) { core->words = words; }

uint64_t facet_registers_at(Core* core) { return (uint64_t)(uintptr_t)core->registers; }

/* Unicorn's exclusive monitor, `offset` bytes behind the registers; 0 where it was not found. */
void facet_set_monitor(Core* core, uint64_t offset) {
  core->exclusive_address =
      core->registers && offset ? (uint64_t*)((uint8_t*)core->registers + offset) : NULL;
}

void facet_configure_nvic(Core* core, uint32_t lines, uint32_t group_shift, uint32_t vtor,
                          uint32_t sleep_on_exit, uint32_t send_event_on_pend, uint32_t save_fp,
                          uint32_t user_may_pend) {
  Nvic* nvic = &core->nvic;
  nvic->lines = lines;
  nvic->group_shift = group_shift;
  nvic->vtor = vtor;
  nvic->sleep_on_exit = sleep_on_exit;
  nvic->send_event_on_pend = send_event_on_pend;
  nvic->save_fp = save_fp;
  core->user_may_pend = user_may_pend;
  core->attention = core->resettle = 1;
}

uint32_t facet_priority(Core* core, uint32_t number) { return core->nvic.priority[number]; }
