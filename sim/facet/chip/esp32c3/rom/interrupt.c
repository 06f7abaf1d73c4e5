// The interrupt matrix (TRM, chapter 8); ets_sys.h of ESP-IDF says what each function does.
#include "rom.h"

#define CPU_INT_ENABLE REG(INTERRUPT_CORE0 + 0x104)
#define CPU_INT_TYPE REG(INTERRUPT_CORE0 + 0x108)
#define CPU_INT_PRI(n) REG(INTERRUPT_CORE0 + 0x114 + 4 * (n))
#define CPU_INT_THRESH REG(INTERRUPT_CORE0 + 0x194)

void intr_matrix_set(int cpu, uint32_t source, uint32_t interrupt) {
  (void)cpu;
  REG(INTERRUPT_CORE0 + 4 * source) = interrupt;
}

// A bit of `mask` for each CPU interrupt; ets_isr_unmask and ets_isr_mask are the same.
void esprv_intc_int_enable(uint32_t mask) { CPU_INT_ENABLE |= mask; }

void esprv_intc_int_disable(uint32_t mask) { CPU_INT_ENABLE &= ~mask; }

// type: 0 level, 1 edge
void esprv_intc_int_set_type(int interrupt, int type) {
  uint32_t bit = 1u << interrupt;
  CPU_INT_TYPE = type ? CPU_INT_TYPE | bit : CPU_INT_TYPE & ~bit;
}

void esprv_intc_int_set_priority(int interrupt, int priority) {
  CPU_INT_PRI(interrupt) = (uint32_t)priority;
}

// The lowest priority that is taken.
void esprv_intc_int_set_threshold(int priority) { CPU_INT_THRESH = (uint32_t)priority; }

void ets_intr_lock(void) { __asm__ volatile("csrci mstatus, 8" ::: "memory"); }

void ets_intr_unlock(void) { __asm__ volatile("csrsi mstatus, 8" ::: "memory"); }
