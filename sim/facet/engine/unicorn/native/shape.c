/* What the profiler needs of a block's instructions: how they leave it, what they do to the stack.
 *
 * Encodings: ARM DDI 0403E, A5 to A7; The RISC-V Instruction Set Manual, volume I (20191213), 24.
 */
#include "profile.h"

enum { RA = 1, RV_SP = 2, T0 = 5, S0 = 8 };

static uint32_t halfword(Core* core, uint32_t address) {
  const uint8_t* code = host_of(core, address, 2, false);
  return code ? (uint32_t)(code[0] | code[1] << 8) : 0;
}

uint32_t instruction_size(Core* core, uint32_t address) {
  uint32_t first = halfword(core, address);
  if (core->is_arm) return first >= 0xE800 ? 4 : 2;
  return (first & 3) == 3 ? 4 : 2;
}

static bool is_link(uint32_t number) { return number == RA || number == T0; }

/* -- Thumb ------------------------------------------------------------------------------------- */

static uint32_t expand(uint32_t first, uint32_t second) { /* ThumbExpandImm, unrotated or rotated */
  uint32_t bits = (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | (second & 0xFF);
  if (bits < 0x100) return bits;
  if (bits < 0x400) return 0; /* repeated bytes: no size of a stack frame */
  uint32_t value = 0x80 | (bits & 0x7F), turn = bits >> 7;
  return value >> turn | value << (32 - turn);
}

/* Bytes by which an instruction lowers SP, above 0, or raises it. */
static int32_t thumb_takes(uint32_t first, uint32_t second) {
  if ((first & 0xFE00) == 0xB400) return 4 * __builtin_popcount(first & 0x1FF); /* PUSH */
  if ((first & 0xFE00) == 0xBC00) return -4 * __builtin_popcount(first & 0x1FF);
  if ((first & 0xFF80) == 0xB080) return 4 * (int32_t)(first & 0x7F); /* SUB SP */
  if ((first & 0xFF80) == 0xB000) return -4 * (int32_t)(first & 0x7F);
  if (first == 0xE92D) return 4 * __builtin_popcount(second); /* STMDB SP! */
  if (first == 0xE8BD) return -4 * __builtin_popcount(second);
  if (first == 0xF84D && (second & 0xF00) == 0xD00) return (int32_t)(second & 0xFF); /* STR ! */
  if ((first & 0xFFBF) == 0xED2D) return 4 * (int32_t)(second & 0xFF);               /* VPUSH */
  if ((first & 0xFFBF) == 0xECBD) return -4 * (int32_t)(second & 0xFF);
  if ((first & 0xFBEF) == 0xF1AD && (second & 0x8F00) == 0xD00) /* SUB.W SP, SP, #const */
    return (int32_t)expand(first, second);
  if ((first & 0xFBFF) == 0xF2AD && (second & 0x8F00) == 0xD00) /* SUBW */
    return (int32_t)((first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | (second & 0xFF));
  return 0;
}

/* Whether it gives SP another stack: MSR MSP, PSP or CONTROL, MOV SP. */
static bool thumb_moves(uint32_t first, uint32_t second) {
  uint32_t special = second & 0xFF;
  if ((first & 0xFFF0) == 0xF380 && (second & 0xFF00) == 0x8800)
    return special == 8 || special == 9 || special == 20;
  return (first & 0xFF87) == 0x4685 && (first >> 3 & 15) != 7; /* R7 is a frame pointer */
}

static uint8_t thumb_exit(uint32_t first, uint32_t second) {
  if ((first & 0xF800) == 0xF000 && (second & 0xD000) == 0xD000) return EXIT_CALL;
  if ((first & 0xFF87) == 0x4780) return EXIT_CALL_REGISTER;
  if ((first & 0xFF87) == 0x4700) return EXIT_INDIRECT;      /* BX */
  if ((first & 0xFF00) == 0xBD00) return EXIT_INDIRECT;      /* POP {.., PC} */
  if (first == 0xE8BD && second >> 15) return EXIT_INDIRECT; /* LDM SP!, {.., PC} */
  if ((first & 0xFE50) == 0xE810 && second >> 15) return EXIT_INDIRECT;
  if ((first & 0xFF70) == 0xF850 && second >> 12 == 15) return EXIT_INDIRECT; /* LDR PC */
  if ((first & 0xFF87) == 0x4687) return EXIT_INDIRECT;                       /* MOV PC */
  return EXIT_PLAIN;
}

/* -- RV32 -------------------------------------------------------------------------------------- */

static int32_t rv_takes(uint32_t word) {
  if ((word & 3) == 3) { /* ADDI sp, sp, imm */
    bool lowers = (word & 0xFFFFF) == (RV_SP << 15 | RV_SP << 7 | 0x13);
    return lowers ? -((int32_t)word >> 20) : 0;
  }
  uint32_t rd = word >> 7 & 31;
  if ((word & 0xE003) == 0x6001 && rd == RV_SP) { /* C.ADDI16SP */
    uint32_t bits = (word >> 12 & 1) << 9 | (word >> 3 & 3) << 7 | (word >> 5 & 1) << 6 |
                    (word >> 2 & 1) << 5 | (word >> 6 & 1) << 4;
    return -((int32_t)(bits << 22) >> 22);
  }
  if ((word & 0xE003) == 0x0001 && rd == RV_SP) /* C.ADDI */
    return -((int32_t)((word >> 12 & 1) << 31 | (word >> 2 & 31) << 26) >> 26);
  return 0;
}

static bool rv_moves(uint32_t word) {
  if ((word & 3) == 3) {
    uint32_t opcode = word & 0x7F, rd = word >> 7 & 31;
    /* LUI, AUIPC, loads and CSR instructions that write sp */
    return rd == RV_SP && (opcode == 0x37 || opcode == 0x17 || opcode == 0x03 || opcode == 0x73);
  }
  uint32_t rs2 = word >> 2 & 31, rd = word >> 7 & 31;
  if ((word & 0xF003) == 0x8002) return rd == RV_SP && rs2 && rs2 != S0; /* C.MV */
  return (word & 0xE003) == 0x4002 && rd == RV_SP;                       /* C.LWSP */
}

static uint8_t rv_exit(uint32_t word, uint32_t before) {
  uint32_t rd = word >> 7 & 31, rs2 = word >> 2 & 31;
  if ((word & 3) != 3) {
    if ((word & 0xE003) == 0x2001) return EXIT_CALL; /* C.JAL */
    if ((word & 0xF003) == 0x9002 && rd && !rs2) return EXIT_CALL_REGISTER;
    return (word & 0xF003) == 0x8002 && rd && !rs2 ? EXIT_INDIRECT : EXIT_PLAIN;
  }
  if (word == 0x30200073) return EXIT_MRET;
  if ((word & 0x7F) == 0x6F) return is_link(rd) ? EXIT_CALL : EXIT_PLAIN;
  if ((word & 0x7F) != 0x67) return EXIT_PLAIN;
  /* AUIPC and JALR together name an address */
  bool known = (before & 0x7F) == 0x17 && (before >> 7 & 31) == (word >> 15 & 31);
  if (is_link(rd)) return known ? EXIT_CALL : EXIT_CALL_REGISTER;
  return known ? EXIT_PLAIN : EXIT_INDIRECT;
}

/* -- both -------------------------------------------------------------------------------------- */

void profile_describe(Core* core, Block* block) {
  uint32_t end = block->address + block->size, before = 0;
  int32_t taken = 0, most = 0;
  block->exit = EXIT_PLAIN;
  block->moves_stack = 0;
  for (uint32_t at = block->address; at < end;) {
    uint32_t size = instruction_size(core, at);
    uint32_t first = halfword(core, at), second = size == 4 ? halfword(core, at + 2) : 0;
    uint32_t word = second << 16 | first;
    taken += core->is_arm ? thumb_takes(first, second) : rv_takes(word);
    if (taken > most) most = taken;
    block->moves_stack |= core->is_arm ? thumb_moves(first, second) : rv_moves(word);
    block->exit = core->is_arm ? thumb_exit(first, second) : rv_exit(word, before);
    before = word;
    at += size;
  }
  if (block->moves_stack) most = 0;
  block->stack = (uint16_t)(most < UINT16_MAX ? most : UINT16_MAX);
  const ProfiledFunction* function = profiled_function(core->profile, block->address);
  block->function = function ? function->begin : 0;
  block->entry = UINT32_MAX;
}
