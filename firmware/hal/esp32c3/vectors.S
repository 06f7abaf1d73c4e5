// The first instructions after the ROM, and the table that traps and interrupts jump to.

    .option arch, +zicsr

    .section .entry, "ax"
    .global _start
    .type _start, @function
_start:
    .option push
    .option norelax         // gp is what relaxation counts from
    la      gp, __global_pointer$
    .option pop
    la      sp, __stack_top
    tail    StartProgram
    .size _start, . - _start

// mtvec's table: entry 0 takes exceptions, entry n the core's interrupt n. Four bytes an entry.
    .section .vectors, "ax"
    .balign 256
    .global trap_vectors
    .type trap_vectors, @object
trap_vectors:
    .option push
    .option norvc
    j       TrapEntry
    j       TickInterrupt       // CpuInterrupt::kTick
    j       ConsoleInterrupt    // kConsole
    j       SpiInterrupt        // kSpi
    j       I2cInterrupt        // kI2c
    .rept 27                    // 5..31: not in use
    j       TrapEntry
    .endr
    .option pop
    .size trap_vectors, . - trap_vectors

// The program's stack may be what broke: the report runs on its own, on top of which the
// registers' values at the trap are left for it (struct TrapFrame).
    .section .iram.trap, "ax"
    .global TrapEntry
    .type TrapEntry, @function
TrapEntry:
    csrw    mscratch, sp
    la      sp, trap_stack_top
    addi    sp, sp, -64
    sw      ra, 16(sp)
    sw      gp, 20(sp)
    sw      a0, 24(sp)
    sw      a1, 28(sp)
    sw      a2, 32(sp)
    sw      a3, 36(sp)
    sw      a4, 40(sp)
    sw      a5, 44(sp)
    csrr    a0, mcause
    sw      a0, 0(sp)
    csrr    a0, mepc
    sw      a0, 4(sp)
    csrr    a0, mtval
    sw      a0, 8(sp)
    csrr    a0, mscratch
    sw      a0, 12(sp)
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    mv      a0, sp
    tail    ReportTrap
    .size TrapEntry, . - TrapEntry
