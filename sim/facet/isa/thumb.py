"""Thumb instructions of the ARMv7E-M, decoded by Capstone, as far as the simulator looks into them.

Encodings and operands: ARM DDI 0403E, A5 and A7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import capstone
from capstone import arm

_DECODER: Final = capstone.Cs(
    capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
)
_DECODER.detail = True

PC: Final = 15
SP: Final = 13

_NUMBERS: Final = {
    **{getattr(arm, f"ARM_REG_R{n}"): n for n in range(13)},
    arm.ARM_REG_SP: SP,
    arm.ARM_REG_LR: 14,
    arm.ARM_REG_PC: PC,
}

_BYTES: Final = {"b": 1, "h": 2, "d": 8}
_DOUBLE: Final = frozenset({"vldr.64", "vstr.64"})


@dataclass(frozen=True)
class Access:
    """The memory that an instruction reads or writes.

    Attributes:
        store: whether it writes.
        base: number of the base register; 15: the PC.
        index: number of the index register, or None.
        shift: of the index, to the left.
        displacement: bytes from the base to the lowest address.
        size: bytes moved.
        plain: whether it is a store of one datum that leaves its base alone.
        alignment: what the address must be a multiple of, always; 1: anything
            (ARM DDI 0403E, A3.2.1).
        trap_alignment: the same while SCB_CCR.UNALIGN_TRP is set.
    """

    store: bool
    base: int
    index: int | None
    shift: int
    displacement: int
    size: int
    plain: bool
    alignment: int
    trap_alignment: int


@lru_cache(maxsize=8192)
def decode(code: bytes, address: int) -> tuple[capstone.CsInsn, ...]:
    """The instructions of `code` from its start."""
    return tuple(_DECODER.disasm(code, address))


def number(register: int) -> int:
    """A core register's number; Capstone's name for it goes in."""
    return _NUMBERS[register]


def access(this: capstone.CsInsn) -> Access | None:
    """The memory that an instruction accesses; None where it accesses none."""
    name = str(this.mnemonic).split(".")[0]
    if name.startswith(("push", "pop", "vpush", "vpop")):
        return _stack_access(this, name)
    if name.startswith(("ldm", "stm", "vldm", "vstm")):
        return _multiple_access(this, name)
    if not name.startswith(("ldr", "str", "vldr", "vstr", "tbb", "tbh")):
        return None
    return _single_access(this, name)


def _single_access(this: capstone.CsInsn, name: str) -> Access | None:
    operand = next((o for o in this.operands if o.type == arm.ARM_OP_MEM), None)
    if operand is None:
        return None
    store = name.startswith(("str", "vstr"))
    vector, exclusive = name.startswith("v"), name.startswith(("ldrex", "strex"))
    if vector:
        size = 8 if str(this.op_str).startswith("d") else 4
    elif name.startswith("tb"):
        size = 2 if name == "tbh" else 1
    else:
        size = _size_of(name)
    alignment = 4 if vector or size == 8 else size if exclusive else 1
    memory = operand.mem
    return Access(
        store=store,
        base=_NUMBERS[memory.base],
        index=_NUMBERS[memory.index] if memory.index else None,
        shift=memory.lshift if memory.index else 0,
        displacement=0 if this.post_index else memory.disp,
        size=size,
        plain=store and not (this.writeback or vector or exclusive or size == 8),
        alignment=alignment,
        trap_alignment=max(alignment, min(size, 4)),
    )


def _size_of(name: str) -> int:
    """Bytes that LDR or STR moves, by the letters behind: ldrsb, strh, ldrd, ldrexb, ldrt."""
    letters = name[3:].removeprefix("ex").removeprefix("s").rstrip("t")
    return _BYTES.get(letters[:1], 4)


def _stack_access(this: capstone.CsInsn, name: str) -> Access:
    store = name.startswith(("push", "vpush"))
    size = _bytes_of_list(this, list(this.operands))
    return Access(store, SP, None, 0, -size if store else 0, size, False, 4, 4)


def _multiple_access(this: capstone.CsInsn, name: str) -> Access:
    store = name.startswith(("stm", "vstm"))
    size = _bytes_of_list(this, list(this.operands)[1:])
    downwards = name.endswith("db")
    base = _NUMBERS[this.operands[0].reg]
    return Access(store, base, None, 0, -size if downwards else 0, size, False, 4, 4)


def _bytes_of_list(this: capstone.CsInsn, registers: list[object]) -> int:
    double = any(
        str(this.reg_name(o.reg)).startswith("d")  # type: ignore[attr-defined]
        for o in registers
    )
    return max(4, (8 if double else 4) * len(registers))


def division(this: capstone.CsInsn) -> tuple[int, int, bool] | None:
    """Numbers of the registers that UDIV or SDIV divides and divides by, and whether signed; None
    for other instructions.
    """
    if this.id not in (arm.ARM_INS_SDIV, arm.ARM_INS_UDIV):
        return None
    dividend, divisor = (_NUMBERS[o.reg] for o in this.operands[-2:])
    return dividend, divisor, this.id == arm.ARM_INS_SDIV


BASEPRI: Final = 17
BASEPRI_MAX: Final = 18


def written_basepri(this: capstone.CsInsn) -> tuple[int, int] | None:
    """The register that MSR writes into BASEPRI or BASEPRI_MAX, and which (SYSm); or None."""
    word = int.from_bytes(this.bytes, "little")
    if this.size != 4 or word & 0xFFF0 != 0xF380 or word >> 24 & 0xD0 != 0x80:
        return None
    special = word >> 16 & 0xFF
    return (word & 0xF, special) if special in (BASEPRI, BASEPRI_MAX) else None


def is_send_event(this: capstone.CsInsn) -> bool:
    """Whether it is SEV, in either width."""
    return bytes(this.bytes) in (b"\x40\xbf", b"\xaf\xf3\x04\x80")


def is_load_exclusive(this: capstone.CsInsn) -> bool:
    """Whether it may arm the exclusive monitor."""
    return str(this.mnemonic).startswith("ldrex")


class Addresses:
    """Follows the core registers through a block: which are what one was at its start, plus a
    constant, so that an address is known when the block is entered.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {n: (n, 0) for n in range(PC)}

    def of(self, accessed: Access) -> tuple[int, int] | None:
        """The register and the constant whose sum is an access's address; None: not known."""
        known = self._known.get(accessed.base)
        if known is None or accessed.index is not None:
            return None
        return known[0], known[1] + accessed.displacement

    def step(self, this: capstone.CsInsn, conditional: bool) -> None:
        """Continues after an instruction.

        Args:
            this: the instruction.
            conditional: whether an IT block may skip it.
        """
        result = None if conditional else self._constant_step(this)
        accessed = access(this)
        before = self._known.get(accessed.base) if accessed is not None else None
        _, written = this.regs_access()
        numbers = {_NUMBERS[register] for register in written if register in _NUMBERS}
        if accessed is not None and this.writeback:
            numbers.add(accessed.base)
        for number_ in numbers:
            self._known.pop(number_, None)
        if result is not None:
            self._known[result[0]] = result[1]
        elif accessed is not None and not conditional:
            self._write_back(this, accessed, before)

    def _constant_step(self, this: capstone.CsInsn) -> tuple[int, tuple[int, int]] | None:
        """The register that ADD, SUB or MOV writes with a known value, and that value."""
        operands = this.operands
        if this.id == arm.ARM_INS_MOV and operands[1].type == arm.ARM_OP_REG:
            source = self._known.get(_NUMBERS.get(operands[1].reg, PC))
            if source is None or operands[1].shift.type:
                return None
            return _NUMBERS[operands[0].reg], source
        if this.id not in (arm.ARM_INS_ADD, arm.ARM_INS_SUB, arm.ARM_INS_ADDW, arm.ARM_INS_SUBW):
            return None
        if operands[-1].type != arm.ARM_OP_IMM:
            return None
        source = self._known.get(_NUMBERS.get(operands[-2].reg, PC))
        if source is None:
            return None
        sign = 1 if this.id in (arm.ARM_INS_ADD, arm.ARM_INS_ADDW) else -1
        return _NUMBERS[operands[0].reg], (source[0], source[1] + sign * operands[-1].imm)

    def _write_back(
        self, this: capstone.CsInsn, accessed: Access, before: tuple[int, int] | None
    ) -> None:
        """Moves the base register of an instruction that writes it back."""
        if not this.writeback or before is None:
            return
        if any(o.type == arm.ARM_OP_MEM for o in this.operands):
            moved = accessed.displacement
            if this.post_index:
                if this.operands[-1].type != arm.ARM_OP_IMM:
                    return
                last = this.operands[-1]
                moved = -last.imm if last.subtracted else last.imm
        else:  # a list of registers
            moved = accessed.displacement or accessed.size
        self._known[accessed.base] = before[0], before[1] + moved


def in_it_blocks(decoded: Sequence[capstone.CsInsn]) -> Iterator[bool]:
    """Whether each instruction of a block is in an IT block (which the block contains whole)."""
    left = 0
    for this in decoded:
        yield left > 0
        left = len(str(this.mnemonic)) - 1 if this.id == arm.ARM_INS_IT else max(0, left - 1)
