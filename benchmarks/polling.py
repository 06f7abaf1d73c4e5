"""A program that waits for a button: it reads one register in a loop and does nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from facet.board.board import Board


class _Chip(NamedTuple):
    """How to build for a chip, and where its input register is."""

    compiler: str
    options: tuple[str, ...]
    ram: int
    start: str  # source of the entry
    register: int


_ARM: Final = _Chip(
    "arm-none-eabi-gcc",
    ("-mcpu=cortex-m4", "-mthumb"),
    0x2000_0000,
    '__attribute__((section(".first"), used)) static void *const vectors[] = {'
    "(void *)0x20008000, start};",
    0x4800_0010,  # GPIOA_IDR
)
_RISC_V: Final = _Chip(
    "riscv64-unknown-elf-gcc",
    ("-march=rv32imc", "-mabi=ilp32"),
    0x4038_0000,
    "",
    0x6000_403C,  # GPIO_IN
)

_SOURCE: Final = """
void start(void);
{start}
void start(void) {{
  {clock}
  while (!(*(volatile unsigned *){register:#x} & 1u << 31)) {{}}
  for (;;) {{}}
}}
"""

_GPIO_CLOCK: Final = "*(volatile unsigned *)0x4002104C |= 1;"  # RCC_AHB2ENR.GPIOAEN


def build(board: Board, folder: Path) -> Path:
    """Compiles the program for a board's RAM.

    Args:
        board: the board.
        folder: gets the source and the ELF file.
    """
    chip = _ARM if board.chip.startswith("stm32l4") else _RISC_V
    clock = _GPIO_CLOCK if chip is _ARM else ""
    source, script, elf = folder / "polling.c", folder / "polling.ld", folder / "polling.elf"
    source.write_text(_SOURCE.format(start=chip.start, clock=clock, register=chip.register))
    script.write_text(
        f"ENTRY(start) SECTIONS {{ .text {chip.ram:#x} : {{ KEEP(*(.first)) *(.text*) }} }}"
    )
    options = ("-O1", "-g", "-ffreestanding", "-nostdlib", "-Wl,--build-id=none")
    subprocess.run(
        [chip.compiler, *chip.options, *options, "-T", script, "-o", elf, source], check=True
    )
    return elf
