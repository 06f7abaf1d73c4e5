"""Measures how much of the arena a model takes, by running the firmware's code after its build.

The start of the classifier (TFLite Micro plans the model's tensors) accesses memory only, so a bare
CPU core without peripherals can run it from the ELF file. The firmware reports the same number in
its boot line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from unicorn import (
    UC_ARCH_ARM,
    UC_ARCH_RISCV,
    UC_HOOK_CODE,
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
_ARENA_START = "_ZN3hal10ArenaStartEv"
_ARENA_SIZE = "_ZN3hal14ArenaSizeBytesEv"
_PAGE = 0x1000
# The return address of a function: an unused address of the code region.
_RETURN = 0x00001000
# The address of an arena that is larger than the chip's memory, and its largest size.
_LARGE_ARENA = 0x60000000
_LARGEST_ARENA = 64 << 20
_ALIGNMENT = 16  # kBufferAlignment in micro_allocator.cc
# Planning takes some 10^5 instructions.
_MAX_INSTRUCTIONS = 50_000_000


@dataclass(frozen=True)
class ArenaUse:
    """The result of the classifier's start: bytes in use, or its error message.

    If the arena is too small, `needed` is the size of the smallest one that is large enough: while
    it plans the tensors, the classifier takes a little more than it uses afterwards.
    """

    used: int
    complaint: str | None = None
    needed: int | None = None


class ArenaError(Exception):
    """The classifier's start did not end."""


@dataclass(frozen=True)
class _Core:
    """A bare core: its registers by Unicorn's names, and the Thumb bit of addresses."""

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
    """Runs the classifier's start from the ELF file.

    Raises:
        ArenaError: the code needs more than a core and memory.
    """
    with elf.open("rb") as file:
        classifier = _Classifier(ELFFile(file))
    complaint = classifier.start()
    if complaint is None:
        return ArenaUse(classifier.arena_used())
    if classifier.start(_LARGEST_ARENA) is not None:
        return ArenaUse(0, complaint)
    too_small, enough = 0, _LARGEST_ARENA
    while enough - too_small > _ALIGNMENT:
        middle = (too_small + enough) // 2 // _ALIGNMENT * _ALIGNMENT
        if classifier.start(middle) is None:
            enough = middle
        else:
            too_small = middle
    return ArenaUse(0, complaint, enough)


class _Classifier:
    """The firmware's classifier on a core with memory only."""

    def __init__(self, image: ELFFile) -> None:
        table = image.get_section_by_name(".symtab")
        self._symbols = {s.name: s["st_value"] for s in table.iter_symbols()}
        is_riscv = image["e_machine"] == "EM_RISCV"
        self._core = _rv32(self._symbols["__global_pointer$"]) if is_riscv else _cortex_m4()
        self._memory = self._core.uc
        self._arena_size: int | None = None  # None: the arena that the linker made
        self._contents: list[tuple[int, bytes]] = []
        pages: set[int] = set()
        for section in image.iter_sections():
            if not section["sh_flags"] & 2:  # SHF_ALLOC
                continue
            start, size = section["sh_addr"], section["sh_size"]
            for page in range(start & -_PAGE, start + size, _PAGE):
                if page not in pages:
                    self._memory.mem_map(page, _PAGE)
                    pages.add(page)
            is_variable = section["sh_type"] == "SHT_NOBITS"
            self._contents.append((start, bytes(size) if is_variable else section.data()))
        self._memory.mem_map(_RETURN, _PAGE)
        self._memory.mem_map(_LARGE_ARENA, _LARGEST_ARENA)
        for name, value in (
            (_ARENA_START, lambda: _LARGE_ARENA),
            (_ARENA_SIZE, lambda: self._arena_size),
        ):
            self._answer_for(name, value)

    def start(self, arena_size: int | None = None) -> str | None:
        """Starts it, as at power-on; returns None, or its error message.

        Args:
            arena_size: bytes of the arena; by default the size in the ELF file.
        """
        self._arena_size = arena_size
        for address, content in self._contents:
            self._memory.mem_write(address, content)
        failure = self._call(_START)
        if not failure:
            return None
        detail = int.from_bytes(self._memory.mem_read(failure + 4, 4), "little")
        return self._text(detail)  # ModelError::detail

    def arena_used(self) -> int:
        """Bytes in use after the start."""
        return self._call(_USED)

    def _call(self, name: str) -> int:
        core = self._core
        core.uc.reg_write(core.sp, self._symbols["__stack_top"])
        core.uc.reg_write(core.ra, _RETURN | core.thumb)
        try:
            core.uc.emu_start(self._symbols[name] | core.thumb, _RETURN, count=_MAX_INSTRUCTIONS)
        except UcError as error:
            where = core.uc.reg_read(core.pc)
            raise ArenaError(f"{name} stopped at {where:#x}: {error}") from error
        return int(core.uc.reg_read(core.a0))

    def _answer_for(self, name: str, value: Callable[[], int | None]) -> None:
        """Returns `value` in place of a function while the arena has another size."""
        core = self._core

        def answer(*_: object) -> None:
            result = value()
            if self._arena_size is not None and result is not None:
                core.uc.reg_write(core.a0, result)
                core.uc.reg_write(core.pc, core.uc.reg_read(core.ra))

        address = self._symbols[name] & ~1
        core.uc.hook_add(UC_HOOK_CODE, answer, begin=address, end=address)

    def _text(self, address: int) -> str:
        raw = bytearray()
        while byte := self._memory.mem_read(address, 1)[0]:
            raw.append(byte)
            address += 1
        return raw.decode("ascii", "replace")
