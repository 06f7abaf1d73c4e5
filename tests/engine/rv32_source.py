"""The head of the C programs that the RV32 core's tests run."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.engine.bare_rv32 import BareRv32

needs_compiler = pytest.mark.skipif(
    shutil.which("riscv64-unknown-elf-gcc") is None,
    reason="needs riscv64-unknown-elf-gcc (make setup)",
)

HEAD = """
#include <stdint.h>
#define REG(a) (*(volatile uint32_t *)(a))
#define ENABLE REG(0x600C2000)
#define PENDING REG(0x600C2004)
#define THRESHOLD REG(0x600C2008)
#define PULSE_AFTER REG(0x600C200C)
#define HOLD_FOR REG(0x600C2010)
#define PRIORITY(n) REG(0x600C2080 + 4 * (n))
#define STRING(x) #x
#define CSR_READ(number) ({ uint32_t v_; \\
  __asm volatile(".option push; .option arch, +zicsr; csrr %0, " STRING(number) "; .option pop" \\
                 : "=r"(v_)); v_; })
#define CSR_WRITE(number, value) \\
  __asm volatile(".option push; .option arch, +zicsr; csrw " STRING(number) ", %0; .option pop" \\
                 :: "r"(value) : "memory")
#define INTERRUPTS_ON() \\
  __asm volatile(".option push; .option arch, +zicsr; csrsi mstatus, 8; .option pop" ::: "memory")
#define INTERRUPTS_OFF() \\
  __asm volatile(".option push; .option arch, +zicsr; csrci mstatus, 8; .option pop" ::: "memory")
#define WFI() __asm volatile("wfi" ::: "memory")
#define HANDLER __attribute__((interrupt("machine"), used))
volatile uint32_t out[16];
void start(void);
HANDLER void irq3(void);
HANDLER void irq7(void);
HANDLER void exception(void);
HANDLER void unexpected(void) { out[15] = CSR_READ(mcause); for (;;) {} }
__attribute__((naked, aligned(256))) void vectors(void) {
  __asm volatile(".option push; .option norvc; j exception; j .; j .; j irq3; j .; j .; j .; "
                 "j irq7; .option pop");
}
__attribute__((naked, section(".start"))) void reset(void) {
  __asm volatile("li sp, 0x3FC90000; j begin");
}
void begin(void) { CSR_WRITE(mtvec, (uint32_t)vectors + 1); start(); for (;;) {} }
/* The program: */
"""


Runner = Callable[[str], BareRv32]
SKIP = "CSR_WRITE(mepc, CSR_READ(mepc) + 4);"  # a handler that goes on behind the instruction
