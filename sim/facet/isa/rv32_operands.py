"""Registers that an RV32IMC instruction reads and writes, and the addresses it computes.

Encodings: The RISC-V Instruction Set Manual, volume I (20191213), chapters 2, 16 and 24.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

RA, SP = 1, 2
_OP_IMM, _AUIPC, _OP, _LUI = 0x04, 0x05, 0x0C, 0x0D
_LOAD, _STORE, _BRANCH, _JALR, _JAL, _SYSTEM = 0x00, 0x08, 0x18, 0x19, 0x1B, 0x1C


@dataclass(frozen=True)
class Operands:
    """Registers of one instruction.

    Attributes:
        reads: registers as bits; x0 is none.
        writes: the register that it writes, 0 for none.
        forms: "add" (base + index + offset), "shift" (base shifted left by offset), "pc" (its own
            address + offset), or None for any other result.
        base, index: registers of `forms`.
        offset: of `forms`.
    """

    reads: int
    writes: int
    forms: str | None = None
    base: int = 0
    index: int = 0
    offset: int = 0


@lru_cache(maxsize=1 << 14)
def operands(word: int) -> Operands:
    """The operands of the instruction at the lower end of `word`."""
    return _wide(word) if word & 3 == 3 else _compressed(word & 0xFFFF)


def _bits(*registers: int) -> int:
    bits = 0
    for register in registers:
        bits |= 1 << register
    return bits & ~1


def _add(reads: int, writes: int, base: int, index: int = 0, offset: int = 0) -> Operands:
    return Operands(reads, writes, "add", base, index, offset)


def _wide(word: int) -> Operands:
    opcode, funct3 = word >> 2 & 31, word >> 12 & 7
    rd, rs1, rs2 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31
    if opcode == _OP_IMM:
        if funct3 == 0:
            return _add(_bits(rs1), rd, rs1, offset=_signed(word >> 20, 12))
        if funct3 == 1:
            return Operands(_bits(rs1), rd, "shift", rs1, offset=rs2)
        return Operands(_bits(rs1), rd)
    if opcode == _LUI:
        return _add(0, rd, 0, offset=word & 0xFFFF_F000)
    if opcode == _AUIPC:
        return Operands(0, rd, "pc", offset=word & 0xFFFF_F000)
    if opcode == _OP:
        if funct3 == 0 and word >> 25 == 0:
            return _add(_bits(rs1, rs2), rd, rs1, rs2)
        return Operands(_bits(rs1, rs2), rd)
    if opcode in (_LOAD, _JALR):
        return Operands(_bits(rs1), rd)
    if opcode in (_STORE, _BRANCH):
        return Operands(_bits(rs1, rs2), 0)
    if opcode == _JAL:
        return Operands(0, rd)
    if opcode == _SYSTEM and funct3:
        return Operands(_bits(rs1) if funct3 < 4 else 0, rd)
    return Operands(0, 0)


def _compressed(word: int) -> Operands:
    quadrant, funct3 = word & 3, word >> 13
    short1, short2 = 8 + (word >> 7 & 7), 8 + (word >> 2 & 7)
    full, second = word >> 7 & 31, word >> 2 & 31
    immediate = _signed((word >> 12 & 1) << 5 | second, 6)
    if quadrant == 0:
        if funct3 == 0:
            offset = ((word >> 11 & 3) << 4 | (word >> 7 & 15) << 6 | (word >> 6 & 1) << 2) | (
                word >> 5 & 1
            ) << 3
            return _add(_bits(SP), short2, SP, offset=offset)
        if funct3 == 2:
            return Operands(_bits(short1), short2)
        return Operands(_bits(short1, short2), 0)
    if quadrant == 1:
        return _quadrant_1(word, funct3, immediate)
    if funct3 == 0:
        return Operands(_bits(full), full, "shift", full, offset=second)
    if funct3 == 2:
        return Operands(_bits(SP), full)
    if funct3 == 4:
        if second == 0:
            return Operands(_bits(full), RA if word >> 12 & 1 else 0)
        if word >> 12 & 1:
            return _add(_bits(full, second), full, full, second)
        return _add(_bits(second), full, second)
    return Operands(_bits(SP, second), 0)


def _quadrant_1(word: int, funct3: int, immediate: int) -> Operands:
    short1, short2, full = 8 + (word >> 7 & 7), 8 + (word >> 2 & 7), word >> 7 & 31
    if funct3 == 0:
        return _add(_bits(full), full, full, offset=immediate)
    if funct3 == 1:
        return Operands(0, RA)
    if funct3 == 2:
        return _add(0, full, 0, offset=immediate)
    if funct3 == 3:
        if full == SP:
            return Operands(_bits(SP), SP)
        return _add(0, full, 0, offset=immediate << 12)
    if funct3 == 4:
        both = word >> 10 & 3 == 3
        return Operands(_bits(short1, short2) if both else _bits(short1), short1)
    if funct3 == 5:
        return Operands(0, 0)
    return Operands(_bits(short1), 0)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value
