"""Measure how much of the arena a model takes: by the firmware's own code, right after its build.

The start of the classifier (TFLite Micro planning the model's tensors) touches nothing but memory,
so that a bare CPU core, without any peripheral, can run it out of the ELF. Measured, not guessed;
the same number stands in the firmware's boot line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, Uc, UcError
from unicorn.arm_const import (
    UC_ARM_REG_C1_C0_2,
    UC_ARM_REG_FPEXC,
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M4,
)

_START = "_ZN3app10classifier5StartEv"
_USED = "_ZN3app10classifier14ArenaUsedBytesEv"
_PAGE = 0x1000
# Where a function returns to: an address of the code region at which nothing else is.
_RETURN = 0x00001000
# Planning takes some 10^5 instructions.
_MAX_INSTRUCTIONS = 50_000_000


@dataclass(frozen=True)
class ArenaUse:
    """What the classifier's start said: bytes in use, or why it failed."""

    used: int
    complaint: str | None


class ArenaError(Exception):
    """The classifier's start did not come to its end."""


def measure_arena(elf: Path) -> ArenaUse:
    """Run the classifier's start out of the ELF.

    Raises ArenaError if the code does something that a bare core cannot.
    """
    with elf.open("rb") as file:
        image = ELFFile(file)
        table = image.get_section_by_name(".symtab")
        symbols = {s.name: s["st_value"] for s in table.iter_symbols()}
        core = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        core.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
        pages: set[int] = set()
        sections = [s for s in image.iter_sections() if s["sh_flags"] & 2]  # SHF_ALLOC
        for section in sections:
            start, size = section["sh_addr"], section["sh_size"]
            for page in range(start & -_PAGE, start + size, _PAGE):
                if page not in pages:
                    core.mem_map(page, _PAGE)
                    pages.add(page)
            if section["sh_type"] != "SHT_NOBITS":  # variables at the values that start-up gives
                core.mem_write(start, section.data())
    core.mem_map(_RETURN, _PAGE)
    # Start-up enables the FPU; the core's own switch and the coprocessor access of CP10, CP11.
    core.reg_write(UC_ARM_REG_C1_C0_2, 0xF << 20)
    core.reg_write(UC_ARM_REG_FPEXC, 1 << 30)

    def call(name: str) -> int:
        core.reg_write(UC_ARM_REG_SP, symbols["__stack_top"])
        core.reg_write(UC_ARM_REG_LR, _RETURN | 1)
        try:
            core.emu_start(symbols[name] | 1, _RETURN, count=_MAX_INSTRUCTIONS)
        except UcError as error:
            where = core.reg_read(UC_ARM_REG_PC)
            raise ArenaError(f"{name} stopped at {where:#x}: {error}") from error
        return int(core.reg_read(UC_ARM_REG_R0))

    def text(address: int) -> str:
        raw = bytearray()
        while byte := core.mem_read(address, 1)[0]:
            raw.append(byte)
            address += 1
        return raw.decode("ascii", "replace")

    failure = call(_START)
    if failure:
        detail = int.from_bytes(core.mem_read(failure + 4, 4), "little")  # ModelError::detail
        return ArenaUse(0, text(detail))
    return ArenaUse(call(_USED), None)
