"""Describes a block of RV32IMC code to the native cycle model, and says what a cache line costs.

Measured on an ESP32-C3 by ctrlsrc.io ("Counting CPU cycles on ESP32-C3 and ESP32-C6", 2023): ALU 1,
store 1, j 2, branch taken 3, not taken 1. From operations a second at 160 MHz (WLED issue 4206),
whose loop costs about 0.3 cycles an operation: addition 127.08 M, so 1 cycle; MUL 120.74 M, 1;
division 4.63 M, 34.6 less 0.3, so 34 cycles; a 64-bit multiplication 15.50 M, so 10 cycles, which
three MUL, two ADD and one MULHU make when MULHU takes 5.

A load takes 1, and 1 more where the next instruction uses its register or is a load: of the rules
"always 2" (which ctrlsrc.io's loop of loads shows), "2 if the next uses it" and this one, this one
alone gives CoreMark as Espressif measured it (`docs/accuracy.md`).

FIDELITY:
    model: DIV and REM always cost 34 cycles, MULH 5.
    silicon: A division may take fewer cycles for some operands; the one public figure does not say.
    hides: Up to 30 cycles a division.

FIDELITY:
    model: An unaligned access takes a second access of one cycle.
    silicon: The figure is in no public source.
    hides: A cycle for each access, either way.

FIDELITY:
    model: CSR instructions, FENCE and WFI cost 1 cycle; MRET costs 2, as a jump does.
    silicon: The figures are in no public source.
    hides: A few cycles an interrupt.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from facet.cycles.accesses import AccessTracker, Address, constant, total
from facet.cycles.description import BlockDescription
from facet.isa.rv32 import Instruction, Kind, instructions
from facet.isa.rv32_operands import Operands, operands


class Step(IntEnum):
    """Kinds of Rv32Step (`native/rv32_pipeline.h`)."""

    PLAIN = 0
    LOAD = 1
    BRANCH = 2
    JUMP = 3
    DIVIDE = 4


_STEP = struct.Struct("<BBBBI")
# Kind of step, cycles, and cycles more where it branches.
_COSTS = {
    Kind.LOAD: (Step.LOAD, 1, 0),
    Kind.MULTIPLY_HIGH: (Step.PLAIN, 5, 0),
    Kind.DIVIDE: (Step.DIVIDE, 34, 0),
    Kind.JUMP: (Step.JUMP, 1, 1),
    Kind.BRANCH: (Step.BRANCH, 1, 2),
    Kind.MRET: (Step.JUMP, 1, 1),
}
_MSTATUS = 0x300
_STACK = 2

CACHE_LINE_BYTES = 32  # ESP32-C3 TRM, 3.3.3: 16 KB, eight ways, blocks of 32 bytes

# SPI clocks of a read before its first data bit, and data bits a clock (W25Q32JV datasheet, 8.2:
# 03h, 0Bh, 3Bh, BBh, 6Bh, EBh): 8 of the command, then 24 address bits, mode bits and dummies.
_READ_MODES = {
    "slow": (8 + 24, 1),
    "fast": (8 + 24 + 8, 1),
    "dout": (8 + 24 + 8, 2),
    "dio": (8 + 12 + 4, 2),
    "qout": (8 + 24 + 8, 4),
    "qio": (8 + 6 + 2 + 4, 4),
}


@dataclass(frozen=True)
class Rv32Block(BlockDescription):
    """A block of RV32IMC code.

    Attributes:
        sites: addresses and instructions of the block that the core carries out itself.
    """

    sites: tuple[tuple[int, Instruction], ...]


# Control registers that QEMU keeps as the ESP32-C3 does: mstatus, mscratch, mepc, mcause, mtval.
_NATIVE_CSRS = {_MSTATUS, 0x340, 0x341, 0x342, 0x343}


def unaligned_cycles(size: int, low: int) -> int:
    """Cycles more for an access of `size` bytes at an address of `low` modulo 4."""
    return int(low + size > 4)


def describe(code: bytes, address: int) -> Rv32Block:
    """Describes the basic block that `code` is.

    What stands behind a WFI is left out: the core comes back to it as to a block of its own.
    """
    steps, sites = [], []
    accesses = AccessTracker(unaligned_cycles, frozenset({_STACK}))
    accesses.set(0, constant(0))
    may_unmask = False
    for at, this in instructions(code, address):
        uses = operands(this.word)
        loaded: Address | None = None
        kind, cycles, penalty = _COSTS.get(this.kind, (Step.PLAIN, 1, 0))
        steps.append(_STEP.pack(kind, cycles, penalty, uses.writes, uses.reads))
        if this.kind in (Kind.LOAD, Kind.STORE):
            base = accesses.value(this.rs1)
            place = None if base is None else base.plus(this.offset)
            accesses.access(place, this.width, this.kind is Kind.LOAD, False, len(steps) - 1)
            if this.kind is Kind.LOAD:
                loaded = accesses.load(place) if this.width == 4 else None
            elif this.width == 4:
                accesses.store(place, accesses.value(this.rs2))
        if uses.writes:
            value = loaded if this.kind is Kind.LOAD else _value_of(uses, at, accesses)
            accesses.set(uses.writes, value)
        if this.kind is Kind.MRET or (this.kind is Kind.CSR and this.offset == _MSTATUS):
            may_unmask = True
        if (this.kind is Kind.CSR and this.offset not in _NATIVE_CSRS) or this.kind in (
            Kind.FENCE_I,
            Kind.UNKNOWN,
        ):
            sites.append((at, this))
        if this.kind is Kind.WFI:
            break
    return Rv32Block(b"".join(steps), len(steps), accesses, may_unmask, tuple(sites))


def _value_of(uses: Operands, at: int, accesses: AccessTracker) -> Address | None:
    if uses.forms == "pc":
        return constant(at + uses.offset)
    if uses.forms == "shift":
        return accesses.scaled(uses.base, uses.offset)
    if uses.forms != "add":
        return None
    value = total(accesses.value(uses.base), accesses.value(uses.index))
    return None if value is None else value.plus(uses.offset)


def line_fill_cycles(cpu_hz: int, spi_hz: int, mode: str) -> int:
    """CPU cycles that a miss of the flash cache takes.

    FIDELITY:
        model: The core waits until all 32 bytes have come over SPI, and for nothing else.
        silicon: The cache and the SPI controller add their latency, and the core may go on as soon
            as the word that it needs is there.
        hides: Some 20 % of a miss, either way.

    Args:
        cpu_hz: the core's clock.
        spi_hz: the flash's clock.
        mode: "slow", "fast", "dout", "dio", "qout" or "qio".

    Raises:
        KeyError: there is no such mode.
    """
    setup, bits = _READ_MODES[mode]
    clocks = setup + 8 * CACHE_LINE_BYTES // bits
    return -(-clocks * cpu_hz // spi_hz)
