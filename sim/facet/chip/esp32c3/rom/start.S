// The ROM's first instructions, and what C cannot say.
    .option norvc
    .option norelax

    .section .text.start, "ax"
    .globl  reset
reset:
    csrwi   0x7E0, 1                // mpcer: count cycles
    csrwi   0x7E1, 1                // mpcmr: on; ESP-IDF reads the counter and never starts it
    csrwi   0x7E2, 0                // mpccr
    la      sp, rom_stack
    j       boot

// Waits until the counter says `cycle`, to the cycle, and starts a program there.
// void start_program(uint32_t entry, uint32_t cycle)
    .section .text.start_program, "ax"
    .globl  start_program
start_program:
    csrr    t0, 0x7E2
    sub     a1, a1, t0
    addi    a1, a1, -21             // from the reset to mpccr, and from here to the program
    blez    a1, 3f                  // too late to wait
    andi    t0, a1, 3
    srli    a1, a1, 2
    addi    a1, a1, 1
1:  addi    a1, a1, -1              // 4 cycles a turn, 2 the last
    bnez    a1, 1b
    slli    t0, t0, 2
    la      t1, 2f
    sub     t1, t1, t0
    jr      t1
    nop
    nop
    nop
2:
3:  jr      a0

// void delay_turns(uint32_t turns): four cycles a turn
    .section .text.delay_turns, "ax"
    .globl  delay_turns
delay_turns:
    beqz    a0, 2f
1:  addi    a0, a0, -1
    bnez    a0, 1b
2:  ret
