"""Measure how much of the arena a model takes: by the firmware's own code, right after its build.

The start of the classifier (TFLite Micro planning the model's tensors) touches nothing but memory,
so that a bare CPU core, without any peripheral, can run it out of the ELF. Measured, not guessed;
the same number stands in the firmware's boot line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from unicorn import (
    UC_ARCH_ARM,
    UC_ARCH_RISCV,
    UC_MODE_MCLASS,
    UC_MODE_RISCV32,
    UC_MODE_THUMB,
    Uc,
    UcError,
)
from unicorn.arm_const import (
    UC_ARM_REG_C1_C0_2,
    UC_ARM_REG_FPEXC,
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M4,
)
from unicorn.riscv_const import (
    UC_RISCV_REG_A0,
    UC_RISCV_REG_GP,
    UC_RISCV_REG_PC,
    UC_RISCV_REG_RA,
    UC_RISCV_REG_SP,
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


@dataclass(frozen=True)
class _Core:
    """A bare core: its registers by Unicorn's names, and the bit that makes an address Thumb's."""

    uc: Uc
    sp: int
    ra: int
    pc: int
    a0: int
    thumb: int


def _cortex_m4() -> _Core:
    uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
    uc.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
    # Start-up enables the FPU; the core's own switch and the coprocessor access of CP10, CP11.
    uc.reg_write(UC_ARM_REG_C1_C0_2, 0xF << 20)
    uc.reg_write(UC_ARM_REG_FPEXC, 1 << 30)
    return _Core(uc, UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_R0, thumb=1)


def _rv32(global_pointer: int) -> _Core:
    uc = Uc(UC_ARCH_RISCV, UC_MODE_RISCV32)
    uc.reg_write(UC_RISCV_REG_GP, global_pointer)
    return _Core(uc, UC_RISCV_REG_SP, UC_RISCV_REG_RA, UC_RISCV_REG_PC, UC_RISCV_REG_A0, thumb=0)


def measure_arena(elf: Path) -> ArenaUse:
    """Run the classifier's start out of the ELF.

    Raises ArenaError if the code does something that a bare core cannot.
    """
    with elf.open("rb") as file:
        image = ELFFile(file)
        table = image.get_section_by_name(".symtab")
        symbols = {s.name: s["st_value"] for s in table.iter_symbols()}
        is_riscv = image["e_machine"] == "EM_RISCV"
        core = _rv32(symbols["__global_pointer$"]) if is_riscv else _cortex_m4()
        memory = core.uc
        pages: set[int] = set()
        sections = [s for s in image.iter_sections() if s["sh_flags"] & 2]  # SHF_ALLOC
        for section in sections:
            start, size = section["sh_addr"], section["sh_size"]
            for page in range(start & -_PAGE, start + size, _PAGE):
                if page not in pages:
                    memory.mem_map(page, _PAGE)
                    pages.add(page)
            if section["sh_type"] != "SHT_NOBITS":  # variables at the values that start-up gives
                memory.mem_write(start, section.data())
    memory.mem_map(_RETURN, _PAGE)

    def call(name: str) -> int:
        core.uc.reg_write(core.sp, symbols["__stack_top"])
        core.uc.reg_write(core.ra, _RETURN | core.thumb)
        try:
            core.uc.emu_start(symbols[name] | core.thumb, _RETURN, count=_MAX_INSTRUCTIONS)
        except UcError as error:
            where = core.uc.reg_read(core.pc)
            raise ArenaError(f"{name} stopped at {where:#x}: {error}") from error
        return int(core.uc.reg_read(core.a0))

    def text(address: int) -> str:
        raw = bytearray()
        while byte := memory.mem_read(address, 1)[0]:
            raw.append(byte)
            address += 1
        return raw.decode("ascii", "replace")

    failure = call(_START)
    if failure:
        detail = int.from_bytes(memory.mem_read(failure + 4, 4), "little")  # ModelError::detail
        return ArenaUse(0, text(detail))
    return ArenaUse(call(_USED), None)
