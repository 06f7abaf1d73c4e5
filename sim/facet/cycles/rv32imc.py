"""What a basic block costs on the ESP32-C3's core, and what a line of its flash cache costs.

Measured on silicon by ctrlsrc.io ("Counting CPU cycles on ESP32-C3 and ESP32-C6", 2023): ALU 1,
load 2, store 1, j 2, branch taken 3, not taken 1. From operations a second at 160 MHz (WLED issue
4206), whose loop costs about 0.3 cycles an operation: addition 127.08 M, so 1 cycle; MUL 120.74 M,
1 cycle; division 4.63 M, 34.6 less 0.3, so 34 cycles; a 64-bit multiplication 15.50 M, so 10
cycles, which three MUL, two ADD and one MULHU make when MULHU takes 5.

Held against a program not used for this: CoreMark 1.0 by gcc 12.2, code in flash at 160 MHz
(QIO, 80 MHz) and data in SRAM, comes to 2.28 iterations a second and MHz with -O2 and to 2.58 with
-O3 -funroll-loops; the ESP32-C3 datasheet says 2.55 (407.22 at 160 MHz), and not with which flags.

FIDELITY: DIV and REM always cost 34 cycles, MULH 5; silicon's division may well take fewer for some
operands, of which the one public figure says nothing; can hide up to 30 cycles a division.

FIDELITY: every load costs 2 cycles and unaligned data nothing extra; silicon may spend the second
cycle only where the next instruction needs the data, and takes one access more for an unaligned
word; hides up to a cycle a load, either way.

FIDELITY: CSR instructions, FENCE and WFI cost 1 cycle, MRET 2 as a jump does; silicon's figures are
in no public source; hides a few cycles an interrupt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from facet.isa.rv32 import Instruction, Kind, instructions

_CYCLES = {
    Kind.LOAD: 2,
    Kind.MULTIPLY_HIGH: 5,
    Kind.DIVIDE: 34,
    Kind.JUMP: 0,  # of the body: what the block's last instruction costs depends on where it goes
    Kind.BRANCH: 0,
    Kind.MRET: 0,
}
_JUMP, _TAKEN, _NOT_TAKEN = 2, 3, 1
_MSTATUS = 0x300

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
class BlockCost:
    """Half cycles of a block's body and of its last branch by outcome.

    Attributes:
        sites: addresses and instructions of the block that the core carries out itself.
    """

    half_cycles: int
    taken: int
    fallthrough: int
    instructions: int
    may_unmask: bool
    sites: tuple[tuple[int, Instruction], ...]
    ends: tuple[int, ...]
    """Half cycles of the body up to the end of each instruction."""


# Control registers that QEMU keeps as the ESP32-C3 does: mstatus, mscratch, mepc, mcause, mtval.
_NATIVE_CSRS = {_MSTATUS, 0x340, 0x341, 0x342, 0x343}


@lru_cache(maxsize=65536)  # shared by all cores and kept between boots
def block_cost(code: bytes, address: int) -> BlockCost:
    """Costs the basic block that `code` is.

    What stands behind a WFI is left out: the core comes back to it as to a block of its own.
    """
    half = taken = fallthrough = count = 0
    may_unmask = False
    sites, ends = [], []
    for at, this in instructions(code, address):
        count += 1
        half += 2 * _CYCLES.get(this.kind, 1)
        ends.append(half)
        taken, fallthrough = _last(this.kind)
        if this.kind is Kind.MRET or (this.kind is Kind.CSR and this.offset == _MSTATUS):
            may_unmask = True
        if (this.kind is Kind.CSR and this.offset not in _NATIVE_CSRS) or this.kind in (
            Kind.FENCE_I,
            Kind.UNKNOWN,
        ):
            sites.append((at, this))
        if this.kind is Kind.WFI:
            break
    return BlockCost(half, taken, fallthrough, count, may_unmask, tuple(sites), tuple(ends))


def _last(kind: Kind) -> tuple[int, int]:
    """Half cycles of a block's last instruction when it branches and when it does not."""
    if kind is Kind.BRANCH:
        return 2 * _TAKEN, 2 * _NOT_TAKEN
    if kind in (Kind.JUMP, Kind.MRET):
        return 2 * _JUMP, 2 * _JUMP
    return 0, 0


def line_fill_cycles(cpu_hz: int, spi_hz: int, mode: str) -> int:
    """CPU cycles that a miss of the flash cache takes.

    FIDELITY: the core waits until all 32 bytes have come over SPI, and for nothing else; silicon
    adds the latency of the cache and of the SPI controller, and may go on as soon as the wanted
    word is there; hides some 20 % of a miss, either way.

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
