/* The ESP32-C3's core: one instruction a cycle, with hazards behind loads and branches. */
#ifndef FACET_RV32_PIPELINE_H
#define FACET_RV32_PIPELINE_H

#include <stdint.h>

#include "causes.h"

enum { RV32_PLAIN, RV32_LOAD, RV32_BRANCH, RV32_JUMP, RV32_DIVIDE };

typedef struct {
  uint8_t kind;
  uint8_t cycles;  /* as the last instruction of a block: where it does not branch */
  uint8_t penalty; /* cycles more where it branches */
  uint8_t writes;  /* register number */
  uint32_t reads;  /* registers, as bits */
} Rv32Step;

/* States between instructions: cycles still to be waited for, and the register that a load brings.
 */
enum { RV32_RESTARTED = 0 };

uint32_t rv32_run(uint32_t state, const Rv32Step* steps, uint32_t count, uint16_t* fallthrough,
                  uint16_t* taken, uint16_t* ends, StepCauses* causes);

#endif
