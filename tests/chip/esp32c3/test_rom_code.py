"""The ROM that Facet gives the chip: its bytes are what GNU as makes of the same text."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from facet.chip.esp32c3 import rom_code
from facet.chip.esp32c3.assembler import AssemblyError, assemble


def test_our_assembler_agrees_with_gnu_as(tmp_path: Path) -> None:
    (tmp_path / "rom.s").write_text(".option norvc\n.option norelax\n" + rom_code.SOURCE)
    for command in (
        "as -march=rv32im -mabi=ilp32 -o rom.o rom.s",
        "ld -melf32lriscv -e 0 -o rom.elf rom.o",
        "objcopy -O binary -j .text rom.elf rom.bin",
    ):
        subprocess.run(f"riscv64-unknown-elf-{command}".split(), cwd=tmp_path, check=True)
    assert (tmp_path / "rom.bin").read_bytes() == rom_code.code()


@pytest.mark.parametrize(
    "line", ["mul a0, a1", "addi a0, a0, 2048", "lw a0, a1", "j nowhere", "vadd a0, a0, a0"]
)
def test_what_is_no_instruction_is_refused(line: str) -> None:
    with pytest.raises(AssemblyError):
        assemble(line, 0)
