"""RV32IMC instructions, as far as the simulator looks into them.

Encodings: The RISC-V Instruction Set Manual, volume I (20191213), chapters 16 ("C") and 24; volume
II (20211203), 2.1 and 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

SP = 2


class Kind(Enum):
    """The kind of an instruction: for its cost, and for what the core must do itself."""

    ALU = auto()
    LOAD = auto()
    STORE = auto()
    JUMP = auto()
    BRANCH = auto()
    MULTIPLY = auto()  # the product's lower word
    MULTIPLY_HIGH = auto()
    DIVIDE = auto()
    CSR = auto()
    ECALL = auto()
    EBREAK = auto()
    MRET = auto()
    WFI = auto()
    FENCE = auto()
    FENCE_I = auto()
    UNKNOWN = auto()  # not of RV32IMC: A, F, D, supervisor instructions, holes in the encoding


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        word: its encoding, 16 bits of it when `size` is 2.
        size: bytes, 2 or 4.
        rd, rs1, rs2: register numbers, where the kind has them.
        offset: of a load or store, from rs1, in bytes; a CSR's number.
        width: bytes that a load or store moves.
        signed: whether a load extends the sign.
    """

    kind: Kind
    word: int
    size: int
    rd: int = 0
    rs1: int = 0
    rs2: int = 0
    offset: int = 0
    width: int = 0
    signed: bool = False

    @property
    def funct3(self) -> int:
        """Bits 14:12: which of the six CSR instructions it is."""
        return self.word >> 12 & 7


def instructions(code: bytes, address: int) -> Iterator[tuple[int, Instruction]]:
    """The instructions of `code` from its start, with their addresses."""
    place = 0
    while place + 2 <= len(code):
        word = int.from_bytes(code[place : place + 4], "little")
        if word & 3 == 3 and place + 4 > len(code):
            return
        this = decode(word)
        yield address + place, this
        place += this.size


@lru_cache(maxsize=8192)
def decode(word: int) -> Instruction:
    """The instruction at the lower end of `word`."""
    if word & 3 != 3:
        return _compressed(word & 0xFFFF)
    opcode = word >> 2 & 0x1F
    rd, rs1, rs2, funct3 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31, word >> 12 & 7
    if opcode == 0x00 and funct3 in (0, 1, 2, 4, 5):
        return Instruction(
            Kind.LOAD,
            word,
            4,
            rd=rd,
            rs1=rs1,
            offset=_signed(word >> 20, 12),
            width=1 << (funct3 & 3),
            signed=funct3 < 4,
        )
    if opcode == 0x08 and funct3 < 3:
        offset = _signed((word >> 25) << 5 | rd, 12)
        return Instruction(Kind.STORE, word, 4, rs1=rs1, rs2=rs2, offset=offset, width=1 << funct3)
    if opcode == 0x1C:
        return _system(word, rd, rs1, funct3)
    if opcode == 0x0C and word >> 25 == 1:
        kind = Kind.DIVIDE if funct3 >= 4 else Kind.MULTIPLY_HIGH if funct3 else Kind.MULTIPLY
        return Instruction(kind, word, 4, rd=rd, rs1=rs1, rs2=rs2)
    simple = {
        0x04: Kind.ALU,
        0x05: Kind.ALU,  # AUIPC
        0x0C: Kind.ALU,
        0x0D: Kind.ALU,  # LUI
        0x18: Kind.BRANCH,
        0x19: Kind.JUMP,  # JALR
        0x1B: Kind.JUMP,  # JAL
    }
    if opcode == 0x03 and funct3 < 2:
        return Instruction(Kind.FENCE_I if funct3 else Kind.FENCE, word, 4)
    return Instruction(simple.get(opcode, Kind.UNKNOWN), word, 4, rd=rd, rs1=rs1, rs2=rs2)


def _system(word: int, rd: int, rs1: int, funct3: int) -> Instruction:
    if funct3 not in (0, 4):
        return Instruction(Kind.CSR, word, 4, rd=rd, rs1=rs1, offset=word >> 20)
    named = {
        0x0000_0073: Kind.ECALL,
        0x0010_0073: Kind.EBREAK,
        0x3020_0073: Kind.MRET,
        0x1050_0073: Kind.WFI,
    }
    return Instruction(named.get(word, Kind.UNKNOWN), word, 4)


def _compressed(word: int) -> Instruction:
    quadrant, funct3 = word & 3, word >> 13
    short_rs1, short_rd = 8 + (word >> 7 & 7), 8 + (word >> 2 & 7)
    full, second = word >> 7 & 31, word >> 2 & 31
    if quadrant == 0:
        offset = (word >> 10 & 7) << 3 | (word >> 6 & 1) << 2 | (word >> 5 & 1) << 6
        if funct3 == 2:
            return Instruction(
                Kind.LOAD, word, 2, rd=short_rd, rs1=short_rs1, offset=offset, width=4
            )
        if funct3 == 6:
            return Instruction(
                Kind.STORE, word, 2, rs1=short_rs1, rs2=short_rd, offset=offset, width=4
            )
        known = funct3 == 0 and word != 0
        return Instruction(Kind.ALU if known else Kind.UNKNOWN, word, 2)
    if quadrant == 1:
        kind = {1: Kind.JUMP, 5: Kind.JUMP, 6: Kind.BRANCH, 7: Kind.BRANCH}.get(funct3, Kind.ALU)
        return Instruction(kind, word, 2)
    if funct3 == 2:
        offset = (word >> 12 & 1) << 5 | (word >> 4 & 7) << 2 | (word >> 2 & 3) << 6
        kind = Kind.LOAD if full else Kind.UNKNOWN
        return Instruction(kind, word, 2, rd=full, rs1=SP, offset=offset, width=4)
    if funct3 == 6:
        offset = (word >> 9 & 15) << 2 | (word >> 7 & 3) << 6
        return Instruction(Kind.STORE, word, 2, rs1=SP, rs2=second, offset=offset, width=4)
    if funct3 == 4 and second == 0:
        if full:
            return Instruction(Kind.JUMP, word, 2, rs1=full)
        return Instruction(Kind.EBREAK if word >> 12 & 1 else Kind.UNKNOWN, word, 2)
    return Instruction(Kind.ALU if funct3 in (0, 4) else Kind.UNKNOWN, word, 2)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value
