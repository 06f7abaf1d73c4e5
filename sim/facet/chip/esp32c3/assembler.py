"""A small RV32IM assembler: what `rom_code` is written in.

The syntax is GNU as's, without compressed instructions, directives or relaxation, and the bytes are
the same. Encodings: The RISC-V Instruction Set Manual, volume I (20191213), chapter 24.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_X0_TO_X9 = ("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1")
_REGISTERS = {
    **{name: n for n, name in enumerate(_X0_TO_X9)},
    **{f"a{n}": 10 + n for n in range(8)},
    **{f"s{n}": 16 + n for n in range(2, 12)},
    **{f"t{n}": 25 + n for n in range(3, 7)},
}
# Of OP and of OP-IMM's shifts: funct7 << 3 | funct3.
_OP = {"add": 0, "sub": 0x100, "sll": 1, "slt": 2, "sltu": 3, "xor": 4, "srl": 5, "sra": 0x105}
_OP |= {"or": 6, "and": 7, "mul": 8, "mulh": 9, "mulhu": 11}
_OP |= {"div": 12, "divu": 13, "rem": 14, "remu": 15}
_OP_IMM = {"addi": 0, "slti": 2, "sltiu": 3, "xori": 4, "ori": 6, "andi": 7}
_SHIFT = {"slli": 1, "srli": 5, "srai": 0x105}
_LOAD = {"lb": 0, "lh": 1, "lw": 2, "lbu": 4, "lhu": 5}
_STORE = {"sb": 0, "sh": 1, "sw": 2}
_BRANCH = {"beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7}
_ALIASES = {
    # What the manual's table 25.2 calls pseudoinstructions: {n} is an operand.
    "mv": "addi {0}, {1}, 0",
    "neg": "sub {0}, zero, {1}",
    "not": "xori {0}, {1}, -1",
    "snez": "sltu {0}, zero, {1}",
    "seqz": "sltiu {0}, {1}, 1",
    "beqz": "beq {0}, zero, {1}",
    "bnez": "bne {0}, zero, {1}",
    "blez": "bge zero, {0}, {1}",
    "bltz": "blt {0}, zero, {1}",
    "j": "jal zero, {0}",
    "jr": "jalr zero, 0({0})",
    "ret": "jalr zero, 0(ra)",
}
_CHARACTER = re.compile(r"'(.)'")
_MEMORY = re.compile(r"(-?\w+)\((\w+)\)")


class AssemblyError(Exception):
    """The text is not in the language."""


def jump(place: int, target: int) -> bytes:
    """``j target`` for the address `place`."""
    return (_jal_offset(target - place) | 0x6F).to_bytes(4, "little")


def assemble(text: str, base: int) -> tuple[bytes, dict[str, int]]:
    """Assembles `text` for the address `base`.

    Returns:
        The code, and the address of each label.

    Raises:
        AssemblyError: a line is not understood, or a value does not fit its field.
    """
    labels: dict[str, int] = {}
    lines: list[tuple[int, str]] = []
    place = base
    for line in _plain_lines(text):
        if line.endswith(":"):
            labels[line[:-1]] = place
            continue
        for one in _expanded(line):
            lines.append((place, one))
            place += 4
    try:
        words = [_encode(line, at, labels) for at, line in lines]
    except (KeyError, ValueError) as error:
        raise AssemblyError(f"not understood: {error}") from error
    return b"".join(word.to_bytes(4, "little") for word in words), labels


def _plain_lines(text: str) -> Iterator[str]:
    for raw in text.splitlines():
        line = _CHARACTER.sub(lambda match: str(ord(match[1])), raw).partition("#")[0].strip()
        if line:
            yield line


def _split(line: str) -> tuple[str, list[str]]:
    name, _, rest = line.partition(" ")
    return name, [operand.strip() for operand in rest.split(",")]


def _expanded(line: str) -> list[str]:
    """The instructions, one or two, that `line` stands for."""
    name, operands = _split(line)
    if name in _ALIASES:
        return [_ALIASES[name].format(*operands)]
    if name == "li":
        register, value = operands[0], int(operands[1], 0)
        low = (value & 0xFFF ^ 0x800) - 0x800
        high = (value - low) >> 12 & 0xF_FFFF
        if not high:
            return [f"addi {register}, zero, {low}"]
        return [f"lui {register}, {high}"] + [f"addi {register}, {register}, {low}"] * bool(low)
    return [line]


def _encode(line: str, place: int, labels: dict[str, int]) -> int:
    name, operands = _split(line)
    if name in _OP:
        rd, rs1, rs2 = (_REGISTERS[operand] for operand in operands)
        return _OP[name] >> 3 << 25 | rs2 << 20 | rs1 << 15 | (_OP[name] & 7) << 12 | rd << 7 | 0x33
    if name in _OP_IMM or name in _SHIFT:
        rd, rs1 = _REGISTERS[operands[0]], _REGISTERS[operands[1]]
        value = int(operands[2], 0)
        if name in _SHIFT:
            field = _SHIFT[name] >> 3 << 5 | _fitting(value, 5, signed=False)
            funct3 = _SHIFT[name] & 7
        else:
            field, funct3 = _fitting(value, 12), _OP_IMM[name]
        return field << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x13
    if name == "lui":
        value = _fitting(int(operands[1], 0), 20, signed=False)
        return value << 12 | _REGISTERS[operands[0]] << 7 | 0x37
    if name in _LOAD or name == "jalr":
        offset, rs1 = _memory(operands[1])
        funct3, opcode = (_LOAD[name], 0x03) if name in _LOAD else (0, 0x67)
        return offset << 20 | rs1 << 15 | funct3 << 12 | _REGISTERS[operands[0]] << 7 | opcode
    if name in _STORE:
        offset, rs1 = _memory(operands[1])
        rs2 = _REGISTERS[operands[0]]
        high, low = offset >> 5, offset & 31
        return high << 25 | rs2 << 20 | rs1 << 15 | _STORE[name] << 12 | low << 7 | 0x23
    if name in _BRANCH:
        rs1, rs2 = _REGISTERS[operands[0]], _REGISTERS[operands[1]]
        offset = _branch_offset(labels[operands[2]] - place)
        return offset | rs2 << 20 | rs1 << 15 | _BRANCH[name] << 12 | 0x63
    if name == "jal":
        link = _REGISTERS[operands[0] if len(operands) > 1 else "ra"]
        return _jal_offset(labels[operands[-1]] - place) | link << 7 | 0x6F
    raise AssemblyError(f"not understood: {line}")


def _memory(operand: str) -> tuple[int, int]:
    match = _MEMORY.fullmatch(operand)
    if match is None:
        raise AssemblyError(f"not of the form offset(register): {operand}")
    return _fitting(int(match[1], 0), 12), _REGISTERS[match[2]]


def _fitting(value: int, width: int, *, signed: bool = True) -> int:
    """`value` as a field of `width` bits."""
    lowest, limit = (-1 << width - 1, 1 << width - 1) if signed else (0, 1 << width)
    if not lowest <= value < limit:
        raise AssemblyError(f"{value} does not fit {width} bits")
    return value & (1 << width) - 1


def _jal_offset(offset: int) -> int:
    value = _fitting(offset, 21)
    return (
        (value >> 20 & 1) << 31
        | (value >> 1 & 0x3FF) << 21
        | (value >> 11 & 1) << 20
        | (value >> 12 & 0xFF) << 12
    )


def _branch_offset(offset: int) -> int:
    value = _fitting(offset, 13)
    return (
        (value >> 12 & 1) << 31
        | (value >> 5 & 0x3F) << 25
        | (value >> 1 & 0xF) << 8
        | (value >> 11 & 1) << 7
    )
