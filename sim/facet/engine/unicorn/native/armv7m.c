/* Exceptions of the ARMv7-M architecture: which is to be taken, entry, return, waits.
 *
 * Source: ARM DDI 0403E, B1.5 and B3.4.
 * Length: priorities, entry and return change one state; apart, each would need the others.
 */
#include <string.h>

#include "core.h"
#include "profile.h"

enum { NMI = 2, HARD_FAULT = 3, SVCALL = 11, PENDSV = 14, SYSTICK = 15, FIRST_INTERRUPT = 16 };
enum { NPRIV = 1, SPSEL = 2, FPCA = 4 };          /* CONTROL */
enum { NO_PRIORITY = 256, PRIORITY_MASK = 0xF0 }; /* STM32L4: 16 levels (PM0214, 4.3) */
#define IPSR 0x1FFu
#define XPSR_THUMB 0x01000000u
#define XPSR_ALIGNED 0x200u /* of a stacked xPSR: four bytes of padding were added */
#define XPSR_IT 0x0600FC00u
#define XPSR_FLAGS 0xF8000000u
#define EXC_RETURN_FIRST 0xFFFFFFE0u

/* What the core's own part of an entry and a return takes with no wait states (ARM 100166, 3.9.1).
 */
enum { ENTRY_CYCLES = 12, RETURN_CYCLES = 10, TAIL_CHAIN_CYCLES = 6 };

static bool has(const uint32_t* set, uint32_t number) {
  return set[number / 32] >> number % 32 & 1;
}
static void put(uint32_t* set, uint32_t number, bool in) {
  uint32_t bit = 1u << number % 32;
  set[number / 32] = in ? set[number / 32] | bit : set[number / 32] & ~bit;
}

/* -- priorities -------------------------------------------------------------------------------- */

static int priority_of(const Nvic* nvic, uint32_t number) {
  return number <= HARD_FAULT ? (int)number - 4 : nvic->priority[number];
}

/* The part of the priority that decides whether one exception preempts another. */
static int group_of(const Nvic* nvic, uint32_t number) {
  int priority = priority_of(nvic, number);
  return priority < 0 ? priority : priority >> nvic->group_shift << nvic->group_shift;
}

/* The pending and enabled exception that comes first; 0: none. */
int best_exception(const Core* core) {
  const Nvic* nvic = &core->nvic;
  int best = 0, best_priority = NO_PRIORITY;
  for (uint32_t word = 0; word < EXCEPTIONS / 32; word++) {
    uint32_t ready = nvic->pending[word] & nvic->enabled[word];
    while (ready) {
      uint32_t number = 32 * word + (uint32_t)__builtin_ctz(ready);
      ready &= ready - 1;
      int priority = priority_of(nvic, number);
      if (priority < best_priority) best = (int)number, best_priority = priority;
    }
  }
  return best;
}

/* ARM DDI 0403E, B1.5.4, ExecutionPriority; the masks are the caller's. */
static int active_priority(const Nvic* nvic) {
  int lowest = NO_PRIORITY;
  for (uint32_t word = 0; word < EXCEPTIONS / 32; word++) {
    uint32_t active = nvic->active[word];
    while (active) {
      uint32_t number = 32 * word + (uint32_t)__builtin_ctz(active);
      active &= active - 1;
      int group = group_of(nvic, number);
      if (group < lowest) lowest = group;
    }
  }
  return lowest;
}

static int execution_priority(Core* core, bool with_primask) {
  const Nvic* nvic = &core->nvic;
  int priority = active_priority(nvic);
  uint32_t basepri = read_id(core, ID_BASEPRI) & PRIORITY_MASK;
  if (basepri) {
    int group = (int)(basepri >> nvic->group_shift << nvic->group_shift);
    if (group < priority) priority = group;
  }
  if (with_primask && priority > 0 && read_id(core, ID_PRIMASK) & 1) priority = 0;
  if (priority > -1 && read_id(core, ID_FAULTMASK) & 1) priority = -1;
  return priority;
}

int facet_execution_priority(Core* core) { return execution_priority(core, true); }
int facet_group_of(Core* core, uint32_t number) { return group_of(&core->nvic, number); }

static int takeable(Core* core, bool with_primask) {
  int number = best_exception(core);
  if (!number) return 0; /* mostly so, and the masks need not be looked at */
  return group_of(&core->nvic, (uint32_t)number) < execution_priority(core, with_primask) ? number
                                                                                          : 0;
}

/* Below 0 while HardFault, NMI or FAULTMASK is active, when MPU_CTRL.HFNMIENA counts. */
int armv7m_fault_priority(Core* core) {
  int priority = active_priority(&core->nvic);
  if (priority >= 0 && read_id(core, ID_FAULTMASK) & 1) return -1;
  return priority;
}

bool armv7m_privileged(Core* core) {
  return read_id(core, ID_XPSR) & IPSR || !(read_id(core, ID_CONTROL) & NPRIV);
}

bool armv7m_takeable(Core* core) { return takeable(core, true) != 0; }

/* -- pending ----------------------------------------------------------------------------------- */

void facet_set_pending(Core* core, uint32_t number, uint32_t pending) {
  Nvic* nvic = &core->nvic;
  if (pending && !has(nvic->pending, number) && nvic->send_event_on_pend) nvic->event_register = 1;
  put(nvic->pending, number, pending);
  core->attention = 1;
}

/* A peripheral drives an input. */
void facet_set_interrupt(Core* core, uint32_t line, uint32_t active) {
  Nvic* nvic = &core->nvic;
  uint32_t number = FIRST_INTERRUPT + line;
  bool rises = active && !has(nvic->level, number);
  put(nvic->level, number, active);
  if (rises) facet_set_pending(core, number, 1);
}

void facet_send_event(Core* core) {
  core->nvic.event_register = 1;
  core->attention = 1;
}

uint32_t facet_best_exception(Core* core) { return (uint32_t)best_exception(core); }

uint32_t facet_in_set(Core* core, uint32_t set, uint32_t number) {
  const Nvic* nvic = &core->nvic;
  const uint32_t* sets[] = {nvic->enabled, nvic->pending, nvic->active};
  return has(sets[set], number);
}

void facet_set_enabled(Core* core, uint32_t number, uint32_t enabled) {
  put(core->nvic.enabled, number, enabled);
  core->attention = 1;
}

void facet_set_active(Core* core, uint32_t number, uint32_t active) {
  put(core->nvic.active, number, active);
  core->attention = 1;
}

void facet_set_priority(Core* core, uint32_t number, uint32_t priority) {
  if (number < EXCEPTIONS) core->nvic.priority[number] = priority & PRIORITY_MASK;
  core->attention = 1;
}

void facet_reset_nvic(Core* core) {
  Nvic* nvic = &core->nvic;
  uint32_t level[EXCEPTIONS / 32], lines = nvic->lines;
  memcpy(level, nvic->level, sizeof level); /* as the peripherals drive them */
  *nvic = (Nvic){.lines = lines, .group_shift = 1, .save_fp = 1};
  memcpy(nvic->level, level, sizeof level);
  memcpy(nvic->pending, level, sizeof level);
  static const uint32_t always[] = {NMI, HARD_FAULT, SVCALL, PENDSV, SYSTICK};
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) put(nvic->enabled, always[i], true);
  core->waiting = 0;
  core->exclusive = core->basepri_written = 0;
  core->stop_behind = core->split_at = NOWHERE;
}

/* -- the NVIC's registers: ARM DDI 0403E, B3.4, and ICSR ----------------------------------------
 */

#define NVIC_BASE 0xE000E100u
#define NVIC_IPR 0xE000E400u
#define ICSR 0xE000ED04u

static uint32_t numbers_from(const uint32_t* set, uint32_t first) {
  uint32_t value = 0;
  for (uint32_t n = 0; n < 32 && first + n < EXCEPTIONS; n++)
    value |= (uint32_t)has(set, first + n) << n;
  return value;
}

static uint32_t read_icsr(const Core* core) {
  const Nvic* nvic = &core->nvic;
  uint32_t active_count = 0, pending_interrupts = nvic->pending[0] >> FIRST_INTERRUPT;
  for (uint32_t word = 0; word < EXCEPTIONS / 32; word++) {
    active_count += (uint32_t)__builtin_popcount(nvic->active[word]);
    if (word) pending_interrupts |= nvic->pending[word];
  }
  uint32_t current = read_id((Core*)core, ID_XPSR) & IPSR;
  return current | (active_count <= 1) << 11 | (uint32_t)best_exception(core) << 12 |
         (pending_interrupts != 0) << 22 | has(nvic->pending, SYSTICK) << 26 |
         has(nvic->pending, PENDSV) << 28 | (uint32_t)has(nvic->pending, NMI) << 31;
}

bool read_nvic(Core* core, uint32_t address, uint32_t* value) {
  const Nvic* nvic = &core->nvic;
  if (address == ICSR) {
    *value = read_icsr(core);
    return true;
  }
  if (address < NVIC_BASE || address >= NVIC_IPR + 240) return false;
  if (address >= NVIC_IPR) {
    memcpy(value, nvic->priority + FIRST_INTERRUPT + (address - NVIC_IPR), 4);
    return true;
  }
  uint32_t first = FIRST_INTERRUPT + (address & 0x7F) / 4 * 32;
  switch (address & 0x380) {
    case 0x100: /* ISER */
    case 0x180: /* ICER */
      *value = numbers_from(nvic->enabled, first);
      break;
    case 0x200: /* ISPR */
    case 0x280: /* ICPR */
      *value = numbers_from(nvic->pending, first);
      break;
    case 0x300: /* IABR */
      *value = numbers_from(nvic->active, first);
      break;
    default:
      *value = 0;
  }
  return true;
}

static void write_icsr(Core* core, uint32_t value) {
  if (value >> 31 & 1) facet_set_pending(core, NMI, 1);
  if (value >> 28 & 1) facet_set_pending(core, PENDSV, 1);
  if (value >> 26 & 1) facet_set_pending(core, SYSTICK, 1);
  if (value >> 27 & 1) facet_set_pending(core, PENDSV, 0);
  if (value >> 25 & 1) facet_set_pending(core, SYSTICK, 0);
}

bool write_nvic(Core* core, uint32_t address, uint32_t size, uint32_t value) {
  Nvic* nvic = &core->nvic;
  if (address == ICSR && size == 4) {
    write_icsr(core, value);
    return true;
  }
  if (address < NVIC_BASE || address >= NVIC_IPR + 240) return false;
  core->attention = 1;
  if (address >= NVIC_IPR) {
    for (uint32_t n = 0; n < size; n++) {
      uint32_t line = address - NVIC_IPR + n;
      if (line < nvic->lines)
        nvic->priority[FIRST_INTERRUPT + line] = value >> 8 * n & PRIORITY_MASK;
    }
    return true;
  }
  /* Writing 1 acts, 0 does nothing: a narrow store is one of its lane alone. */
  uint32_t bits = value << 8 * (address & 3), first = (address & 0x7C) / 4 * 32;
  for (uint32_t n = 0; n < 32; n++) {
    uint32_t number = FIRST_INTERRUPT + first + n;
    if (!(bits >> n & 1) || first + n >= nvic->lines) continue;
    switch (address & 0x380) {
      case 0x100:
        put(nvic->enabled, number, true);
        break;
      case 0x180:
        put(nvic->enabled, number, false);
        break;
      case 0x200:
        facet_set_pending(core, number, 1);
        break;
      case 0x280: /* an input that is still high stays pending */
        if (!has(nvic->level, number) || has(nvic->active, number))
          put(nvic->pending, number, false);
        break;
      default:
        break;
    }
  }
  return true;
}

/* -- entry and return -------------------------------------------------------------------------- */

/* QEMU applies the rule for unprivileged code (MSP, PSP, CONTROL and the masks read as 0 and ignore
 * writes) to our accesses as well. Only handler mode may clear CONTROL.nPRIV again. */
void regain_privilege(Core* core) {
  uint32_t control = read_id(core, ID_CONTROL);
  core->unprivileged = control & NPRIV;
  if (!core->unprivileged) return;
  uint32_t xpsr = read_id(core, ID_XPSR);
  write_id(core, ID_XPSR, xpsr & IPSR ? xpsr : xpsr | 1);
  write_id(core, ID_CONTROL, control & ~(uint32_t)NPRIV);
  write_id(core, ID_XPSR, xpsr);
}

void drop_privilege(Core* core) {
  if (core->unprivileged) write_id(core, ID_CONTROL, read_id(core, ID_CONTROL) | NPRIV);
}

static void spend(Core* core, uint32_t cycles) { core->half_cycles += 2 * cycles; }

/* Entering and leaving an exception clears the local monitor (ARM DDI 0403E, A3.4.1). */
static void clear_exclusive(Core* core) {
  if (core->exclusive && core->exclusive_address) *core->exclusive_address = ~(uint64_t)0;
  core->exclusive = 0;
}

static uint32_t enter_handler(Core* core, uint32_t number, uint32_t exc_return) {
  Nvic* nvic = &core->nvic;
  put(nvic->pending, number, false);
  put(nvic->active, number, true);
  uint32_t handler = 0;
  const uint8_t* vector = host_of(core, nvic->vtor + 4 * number, 4, false);
  if (vector) memcpy(&handler, vector, 4);
  uint32_t stack = read_id(core, ID_MSP);
  uint32_t xpsr = read_id(core, ID_XPSR);
  write_id(core, ID_XPSR, (xpsr & XPSR_FLAGS & ~XPSR_IT) | XPSR_THUMB | number);
  core->unprivileged &= NPRIV;
  write_id(core, ID_CONTROL, 0); /* SPSEL and FPCA; nPRIV is kept apart */
  write_id(core, ID_MSP, stack);
  write_id(core, ID_LR, exc_return);
  write_id(core, ID_PC, handler | 1);
  nvic->event_register = 1;
  clear_exclusive(core);
  branch_breaks(core);
  spin_reset(core);
  core->exception = number;
  return handler & 1 ? STOP_DEADLINE : STOP_NOT_THUMB;
}

uint32_t facet_enter_handler(Core* core, uint32_t number, uint32_t exc_return) {
  if (core->profile)
    profile_interrupt(core, number, read_id(core, ID_PC), read_id(core, ID_MSP), 0);
  return enter_handler(core, number, exc_return);
}

/* Stacks the interrupted context and enters the handler (ARM DDI 0403E, B1.5.6).
 *
 * FIDELITY:
 *   model: Floating-point registers are stored at the entry of a handler.
 *   silicon: The core reserves space for them and stores them at the handler's first use of the
 *     FPU.
 *   hides: A handler that reads the reserved space.
 */
uint32_t facet_enter(Core* core, uint32_t number, uint32_t return_address) {
  uint32_t xpsr = read_id(core, ID_XPSR), control = read_id(core, ID_CONTROL);
  bool in_handler = xpsr & IPSR, with_fp = core->nvic.save_fp && control & FPCA;
  bool use_psp = !in_handler && control & SPSEL;
  int stack = use_psp ? ID_PSP : ID_MSP;
  uint32_t pointer = read_id(core, stack), padding = pointer & 4;
  uint32_t bytes = with_fp ? 0x68 : 0x20;
  uint32_t base = (pointer - bytes - padding) & ~7u;
  uint8_t* frame = host_of(core, base, bytes, true);
  bool privileged = in_handler || !(core->unprivileged & NPRIV);
  core->exception = number;
  core->fault_address = base;
  core->protection = frame && !mpu_allows_frame(core, base, bytes, true, privileged);
  if (!frame || core->protection) return STOP_NO_STACK;
  uint32_t words[26] = {general(core, 0),  general(core, 1),
                        general(core, 2),  general(core, 3),
                        general(core, 12), general(core, 14),
                        return_address,    (xpsr & ~XPSR_ALIGNED) | (padding ? XPSR_ALIGNED : 0)};
  if (with_fp) {
    for (int n = 0; n < 16; n++) words[8 + n] = read_id(core, ID_S0 + n);
    words[24] = read_id(core, ID_FPSCR);
  }
  memcpy(frame, words, bytes);
  write_id(core, stack, base);
  spend(core, ENTRY_CYCLES);
  if (core->profile) profile_interrupt(core, number, return_address, base, ENTRY_CYCLES);
  uint32_t to = in_handler ? 0x1 : use_psp ? 0xD : 0x9;
  return enter_handler(core, number, EXC_RETURN_FIRST | (with_fp ? 0 : 0x10) | to);
}

static bool is_exc_return(uint32_t value) {
  uint32_t to = value & 0xF;
  return (value | 0x1F) == 0xFFFFFFFFu && (to == 0x1 || to == 0x9 || to == 0xD);
}

/* Takes the context off the stack that EXC_RETURN names; false where it has no memory. */
static bool unstack(Core* core, uint32_t exc_return) {
  int stack = exc_return & 4 ? ID_PSP : ID_MSP;
  bool with_fp = !(exc_return & 0x10);
  uint32_t base = read_id(core, stack), bytes = with_fp ? 0x68 : 0x20, words[26];
  const uint8_t* frame = host_of(core, base, bytes, false);
  core->fault_address = base;
  bool privileged =
      exc_return == 0xFFFFFFF1u || exc_return == 0xFFFFFFE1u || !(core->unprivileged & NPRIV);
  core->protection = frame && !mpu_allows_frame(core, base, bytes, false, privileged);
  if (!frame || core->protection) return false;
  memcpy(words, frame, bytes);
  uint32_t xpsr = words[7];
  /* The mode first: Unicorn keeps SP, MSP and PSP in step by CONTROL and IPSR. */
  write_id(core, ID_XPSR, xpsr & ~XPSR_ALIGNED);
  uint32_t control = read_id(core, ID_CONTROL) & ~(uint32_t)(SPSEL | FPCA);
  if (!(xpsr & IPSR) && exc_return & 4) control |= SPSEL;
  if (with_fp) control |= FPCA;
  write_id(core, ID_CONTROL, control);
  write_id(core, stack, base + bytes + (xpsr & XPSR_ALIGNED ? 4 : 0));
  for (int n = 0; n < 4; n++) write_id(core, ID_R0 + n, words[n]);
  write_id(core, ID_R0 + 12, words[4]);
  write_id(core, ID_LR, words[5]);
  if (with_fp) {
    for (int n = 0; n < 16; n++) write_id(core, ID_S0 + n, words[8 + n]);
    write_id(core, ID_FPSCR, words[24]);
  }
  write_id(core, ID_PC, words[6] | 1); /* Thumb; bit 0 is the state, not the address */
  return true;
}

/* Returns from the handler that runs (ARM DDI 0403E, B1.5.8). */
uint32_t return_from_exception(Core* core, uint32_t exc_return) {
  Nvic* nvic = &core->nvic;
  uint32_t number = read_id(core, ID_XPSR) & IPSR;
  core->exc_return = exc_return;
  if (!number || !has(nvic->active, number) || !is_exc_return(exc_return)) return STOP_BAD_RETURN;
  put(nvic->active, number, false);
  if (has(nvic->level, number)) put(nvic->pending, number, true); /* the input is still high */
  if (number != NMI) write_id(core, ID_FAULTMASK, 0);
  int following = takeable(core, true);
  if (following) { /* tail-chaining: the frame stays where it is */
    spend(core, TAIL_CHAIN_CYCLES);
    if (core->profile) profile_chain(core, (uint32_t)following, TAIL_CHAIN_CYCLES);
    return enter_handler(core, (uint32_t)following, exc_return);
  }
  core->exception = 0;
  if (!unstack(core, exc_return)) return STOP_NO_STACK;
  spend(core, RETURN_CYCLES);
  if (core->profile) /* unstack has left the frame's address behind */
    profile_return(core, read_id(core, ID_PC), core->fault_address, (exc_return & 0xF) == 1,
                   RETURN_CYCLES);
  nvic->event_register = 1;
  clear_exclusive(core);
  branch_breaks(core);
  spin_reset(core);
  bool idle = true;
  for (uint32_t word = 0; word < EXCEPTIONS / 32; word++) idle &= !nvic->active[word];
  if (nvic->sleep_on_exit && idle) {
    core->waiting = 1;
    core->waits_for_event = 0;
  }
  return STOP_DEADLINE;
}

/* -- waits ------------------------------------------------------------------------------------- */

/* WFI ends when an exception would preempt if PRIMASK were clear; WFE when one preempts, and on an
 * event (ARM DDI 0403E, B1.5.17 to B1.5.19). */
uint32_t facet_arm_can_run(Core* core) {
  if (!core->waiting) return true;
  if (!core->waits_for_event) return takeable(core, false) != 0;
  return core->nvic.event_register || takeable(core, true);
}

void facet_arm_end_wait(Core* core) {
  if (core->waiting && core->waits_for_event) core->nvic.event_register = 0;
  core->waiting = 0;
}
