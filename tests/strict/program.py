"""Wrong programs for the NUCLEO-L476RG: bare registers, compiled on the spot, run on the board.

The line that is to blame carries the comment `/* HERE */`.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from facet.board.board import load
from facet.machine import Machine
from facet.time import Time, ms
from tests.engines_under_test import EngineUnderTest

needs_toolchain = pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc (make setup)"
)

_HEAD = """
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REG(0xE000E010)
#define SYST_RVR REG(0xE000E014)
#define SYST_CVR REG(0xE000E018)
#define NVIC_ISER0 REG(0xE000E100)
#define NVIC_ISER1 REG(0xE000E104)
#define SCB_SCR REG(0xE000ED10)
#define SCB_CCR REG(0xE000ED14)
#define RCC_CR REG(0x40021000)
#define RCC_CFGR REG(0x40021008)
#define RCC_PLLCFGR REG(0x4002100C)
#define RCC_AHB2ENR REG(0x4002104C)
#define RCC_APB1ENR1 REG(0x40021058)
#define RCC_APB2ENR REG(0x40021060)
#define FLASH_ACR REG(0x40022000)
#define PWR_CR1 REG(0x40007000)
#define PWR_SCR REG(0x40007018)
#define GPIOA_MODER REG(0x48000000)
#define GPIOA_ODR REG(0x48000014)
#define GPIOA_AFRL REG(0x48000020)
#define GPIOC_MODER REG(0x48000800)
#define USART2_CR1 REG(0x40004400)
#define USART2_BRR REG(0x4000440C)
#define USART2_TDR REG(0x40004428)
#define SPI1_CR1 REG(0x40013000)
#define IWDG_KR REG(0x40003000)
#define IWDG_PR REG(0x40003004)
#define IWDG_RLR REG(0x40003008)

extern uint32_t stack_top;
volatile uint32_t out[4];
void reset(void);
void hard(void);
void tick(void);
void tim2(void);
void exti15_10(void);
__attribute__((section(".vectors"), used)) static void *const vectors[16 + 82] = {
    &stack_top, reset, 0, hard, hard, hard, hard, [15] = tick,
    [16 + 28] = tim2, [16 + 40] = exti15_10};
"""

# The stack lies below the variables: what overflows it leaves memory.
_LINKER_SCRIPT = """
ENTRY(reset)
stack_top = 0x20000800;
PROVIDE(hard = halt);
PROVIDE(tick = halt);
PROVIDE(tim2 = halt);
PROVIDE(exti15_10 = halt);
SECTIONS {
  .text base : { KEEP(*(.vectors)) *(.text*) *(.rodata*) }
  .bss 0x20000800 (NOLOAD) : { *(.data*) *(.bss*) *(COMMON) }
}
"""
_TAIL = "\nvoid halt(void) { for (;;) {} }\n"


_SPAN = ms(20)

engine_under_test = EngineUnderTest("unicorn")
"""What executes the programs; the fixture `each_engine` sets it."""


class Run:
    """A program that has run on the bare board for a while.

    Args:
        source: C, from `reset` on.
        folder: for what is built.
        span: how long it runs.
        base: where it is linked to.
        lse_startup: how long the board's crystal takes to start; the board file's if None.
    """

    def __init__(
        self,
        source: str,
        folder: Path,
        span: Time = _SPAN,
        base: int = 0x0800_0000,
        lse_startup: Time | None = None,
    ) -> None:
        code = folder / "program.c"
        code.write_text(_HEAD + source + _TAIL)
        (folder / "program.ld").write_text(_LINKER_SCRIPT)
        elf = folder / "program.elf"
        subprocess.run(
            [
                *("arm-none-eabi-gcc", "-g", "-O1", "-mcpu=cortex-m4", "-mthumb", "-ffreestanding"),
                *("-fno-optimize-sibling-calls", "-Wno-infinite-recursion", "-nostdlib"),
                *("-Wl,--build-id=none", f"-Wl,--defsym=base={base:#x}"),
                *("-T", str(folder / "program.ld")),
                *("-o", str(elf), str(code)),
            ],
            check=True,
        )
        lines = code.read_text().splitlines()
        self._blamed = next((n for n, line in enumerate(lines, 1) if "HERE" in line), None)
        board = replace(load("nucleo_l476rg"), parts=())
        if lse_startup is not None:
            board = replace(board, lse_startup=lse_startup)
        engine = engine_under_test
        self.machine = Machine(board, elf, engine.name, engine.cycles)
        self.machine.run(span)

    @property
    def rules(self) -> list[str]:
        """The rules that were broken, in order."""
        return [violation.rule for violation in self.machine.diagnostics.violations]

    def out(self, index: int) -> int:
        """A word of the program's variable `out`."""
        return int.from_bytes(self.machine.symbol_bytes("out")[4 * index :][:4], "little")

    def blames(self, rule: str, *phrases: str) -> None:
        """The first broken rule is `rule`, with these phrases, at the line marked HERE."""
        violations = self.machine.diagnostics.violations
        assert violations, "no rule was broken"
        first = violations[0]
        assert first.rule == rule, first
        for phrase in phrases:
            assert phrase in first.message, first
        assert f"program.c:{self._blamed} " in str(first), first
