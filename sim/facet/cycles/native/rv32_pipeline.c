#include "rv32_pipeline.h"

#define LOADING 32u /* the instruction before was a load; its register stands below */
#define PENALTY_SHIFT 6

uint32_t rv32_run(uint32_t state, const Rv32Step* steps, uint32_t count, uint16_t* fallthrough,
                  uint16_t* taken, uint16_t* ends, StepCauses* causes) {
  uint32_t cycles = state >> PENALTY_SHIFT, penalty = 0;
  state &= LOADING | (LOADING - 1);
  for (uint32_t i = 0; i < count; i++) {
    const Rv32Step* step = &steps[i];
    if (causes) {
      causes[i] = (StepCauses){{[CAUSE_ISSUE] = 1}};
      if (!i) causes[i].cycles[CAUSE_BRANCH] = (uint8_t)cycles;
      causes[i].cycles[step->kind == RV32_DIVIDE ? CAUSE_DIVIDE : CAUSE_EXECUTE] =
          (uint8_t)(step->cycles - 1);
    }
    /* A load's register is there a cycle late, and two loads in a row wait as well. */
    if (state & LOADING && (step->kind == RV32_LOAD || step->reads >> (state % LOADING) & 1)) {
      cycles++;
      if (causes) causes[i].cycles[CAUSE_LOAD]++;
    }
    cycles += step->cycles;
    state = step->kind == RV32_LOAD ? LOADING | step->writes : 0;
    penalty = step->penalty;
    if (ends) ends[i] = (uint16_t)cycles;
  }
  *taken = (uint16_t)(penalty << PENALTY_SHIFT);
  /* A jump to the next instruction is a jump all the same. */
  *fallthrough = count && steps[count - 1].kind == RV32_JUMP ? *taken : (uint16_t)state;
  return cycles;
}
