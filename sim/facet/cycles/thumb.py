"""Reads Thumb instructions for the Cortex-M4's cycle model, one encoding at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import capstone
from capstone import arm

from facet.cycles.thumb_instruction import (
    DIVIDES,
    LR,
    NOP,
    PC,
    REGISTER_OFFSET,
    SP,
    WRITES_BACK,
    Access,
    Effect,
    Kind,
    Thumb,
)

_LOADS = {
    arm.ARM_INS_LDR: 4,
    arm.ARM_INS_LDRB: 1,
    arm.ARM_INS_LDRH: 2,
    arm.ARM_INS_LDRSB: 1,
    arm.ARM_INS_LDRSH: 2,
    arm.ARM_INS_LDRT: 4,
    arm.ARM_INS_LDRBT: 1,
    arm.ARM_INS_LDRHT: 2,
    arm.ARM_INS_LDRSBT: 1,
    arm.ARM_INS_LDRSHT: 2,
    arm.ARM_INS_LDREX: 4,
    arm.ARM_INS_LDREXB: 1,
    arm.ARM_INS_LDREXH: 2,
    arm.ARM_INS_VLDR: 4,
}
_STORES = {
    arm.ARM_INS_STR: 4,
    arm.ARM_INS_STRB: 1,
    arm.ARM_INS_STRH: 2,
    arm.ARM_INS_STRT: 4,
    arm.ARM_INS_STRBT: 1,
    arm.ARM_INS_STRHT: 2,
    arm.ARM_INS_STREX: 4,
    arm.ARM_INS_STREXB: 1,
    arm.ARM_INS_STREXH: 2,
    arm.ARM_INS_VSTR: 4,
}
_ALIGNED = {
    arm.ARM_INS_LDREX,
    arm.ARM_INS_LDREXH,
    arm.ARM_INS_VLDR,
    arm.ARM_INS_STREX,
    arm.ARM_INS_STREXH,
    arm.ARM_INS_VSTR,
}
_LOAD_MULTIPLE = {
    arm.ARM_INS_LDM,
    arm.ARM_INS_LDMDB,
    arm.ARM_INS_POP,
    arm.ARM_INS_VLDMIA,
    arm.ARM_INS_VLDMDB,
    arm.ARM_INS_VPOP,
}
_STORE_MULTIPLE = {
    arm.ARM_INS_STM,
    arm.ARM_INS_STMDB,
    arm.ARM_INS_PUSH,
    arm.ARM_INS_VSTMIA,
    arm.ARM_INS_VSTMDB,
    arm.ARM_INS_VPUSH,
}
_OF_THE_STACK = {arm.ARM_INS_PUSH, arm.ARM_INS_POP, arm.ARM_INS_VPUSH, arm.ARM_INS_VPOP}
_DOWNWARDS = {arm.ARM_INS_LDMDB, arm.ARM_INS_VLDMDB}
_DIVISIONS = frozenset({arm.ARM_INS_SDIV, arm.ARM_INS_UDIV})
# Cortex-M4 TRM (ARM 100166), tables 3-1 and 7-1, in cycles. A division takes at least two; how many
# more the operands say when it runs (m4_divide_cycles).
_CYCLES = {
    arm.ARM_INS_UDIV: 2,
    arm.ARM_INS_SDIV: 2,
    arm.ARM_INS_VDIV: 14,
    arm.ARM_INS_VSQRT: 14,
    arm.ARM_INS_VMLA: 3,
    arm.ARM_INS_VMLS: 3,
    arm.ARM_INS_VNMLA: 3,
    arm.ARM_INS_VNMLS: 3,
    arm.ARM_INS_VFMA: 3,
    arm.ARM_INS_VFMS: 3,
    arm.ARM_INS_VFNMA: 3,
    arm.ARM_INS_VFNMS: 3,
    arm.ARM_INS_DSB: 4,
    arm.ARM_INS_DMB: 4,
    arm.ARM_INS_ISB: 4,
    arm.ARM_INS_MSR: 2,
    arm.ARM_INS_MRS: 2,
}
_UNMASKING = {arm.ARM_INS_CPS, arm.ARM_INS_MSR}
_CORE = {
    **{getattr(arm, f"ARM_REG_R{n}"): n for n in range(13)},
    arm.ARM_REG_SP: SP,
    arm.ARM_REG_LR: LR,
    arm.ARM_REG_PC: PC,
}


def _decoder() -> capstone.Cs:
    decoder = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    decoder.detail = True
    return decoder


_DECODER = _decoder()


def size_of(code: bytes) -> int:
    """Bytes of the instruction that `code` begins with (ARM DDI 0403E, A5.1)."""
    return 4 if len(code) >= 2 and code[1] >> 3 in (0b11101, 0b11110, 0b11111) else 2


def _bit(register: int) -> int:
    if register in _CORE:
        return 1 << _CORE[register]
    if arm.ARM_REG_S0 <= register <= arm.ARM_REG_S31:
        return 1 << 16 + int(register - arm.ARM_REG_S0) % 16
    return 0


def _bits(registers: Any) -> int:
    bits = 0
    for register in registers:
        bits |= _bit(register)
    return bits


@lru_cache(maxsize=1 << 15)
def thumb(code: bytes) -> Thumb:
    """The instruction that the two or four bytes `code` are.

    An encoding that is none counts as one cycle: it ends in a fault.
    """
    found = next(_DECODER.disasm(code, 0, 1), None)
    if found is None:
        return Thumb(len(code), Kind.ALU, 1, 0, 0, 0, 0, None, None, 0, 0, False, False)
    return _Reader(found).read()


class _Reader:
    """Turns one of capstone's instructions into a `Thumb`."""

    def __init__(self, this: capstone.CsInsn) -> None:
        self.this = this
        self.operands = this.operands
        read, written = this.regs_access()
        self.reads, self.writes = _bits(read), _bits(written)
        self.kind, self.cycles, self.flags, self.address_reads = Kind.ALU, 1, 0, 0
        self.access: Access | None = None

    def read(self) -> Thumb:
        this = self.this
        self._classify()
        return Thumb(
            this.size,
            self.kind,
            self.cycles,
            self.flags | (DIVIDES if this.id in _DIVISIONS else 0),
            self.address_reads,
            self.reads,
            self.writes,
            self.access,
            self._effect(),
            4 - ((this.bytes[0] & 15) & -(this.bytes[0] & 15)).bit_length() + 1
            if self.kind is Kind.IT
            else 0,
            this.bytes[0] if self.kind is Kind.IT else 0,
            str(this.mnemonic).startswith("v"),
            this.id in _UNMASKING,
        )

    def _classify(self) -> None:
        this, operands = self.this, self.operands
        if this.id == arm.ARM_INS_B:
            conditional = this.cc not in (arm.ARM_CC_AL, arm.ARM_CC_INVALID)
            self.kind = Kind.BRANCH_IF if conditional else Kind.BRANCH
        elif this.id == arm.ARM_INS_BL:
            self.kind = Kind.BRANCH
        elif this.id in (arm.ARM_INS_CBZ, arm.ARM_INS_CBNZ):
            self.kind = Kind.JUMP_IF
        elif this.id in (arm.ARM_INS_BX, arm.ARM_INS_BLX):
            self.kind = Kind.BRANCH if operands[0].reg == arm.ARM_REG_LR else Kind.JUMP
        elif this.id in (arm.ARM_INS_TBB, arm.ARM_INS_TBH):
            self.kind = Kind.TABLE_BRANCH
            self._address(1 if this.id == arm.ARM_INS_TBB else 2, load=True)
        elif this.id == arm.ARM_INS_IT:
            self.kind, self.cycles = Kind.IT, 1
        elif this.id in _LOADS:
            self._load()
        elif this.id in _STORES:
            self.kind = Kind.STORE
            self._address(_STORES[this.id], load=False)
            self.writes = self._base_bit() if self.flags & WRITES_BACK else 0
        elif this.id in (arm.ARM_INS_LDRD, arm.ARM_INS_STRD):
            load = this.id == arm.ARM_INS_LDRD
            self.kind, self.cycles = Kind.LOAD_MULTIPLE if load else Kind.STORE_MULTIPLE, 2
            self._address(8, load=load, aligned=True)
        elif this.id in _LOAD_MULTIPLE or this.id in _STORE_MULTIPLE:
            self._multiple()
        elif this.id == arm.ARM_INS_VMOV and self._core_operands() == 2:
            self.cycles = 2
        elif self.writes >> PC & 1:
            returns = this.id == arm.ARM_INS_MOV and operands[-1].reg == arm.ARM_REG_LR
            self.kind = Kind.BRANCH if returns else Kind.JUMP
        elif this.mnemonic in ("nop", "nop.w"):
            self.flags |= NOP
        else:
            self.cycles = _CYCLES.get(this.id, 1)

    def _core_operands(self) -> int:
        return len([o for o in self.operands if o.type == arm.ARM_OP_REG and o.reg in _CORE])

    def _load(self) -> None:
        operands = self.operands
        self.kind = Kind.LOAD
        self._address(_LOADS[self.this.id], load=True)
        self.writes = _bit(operands[0].reg)
        if self.flags & WRITES_BACK:
            self.writes |= self._base_bit()
        if operands[0].reg == arm.ARM_REG_PC:
            self.kind, self.cycles = Kind.LOAD_PC, 1

    def _base_bit(self) -> int:
        return 0 if self.access is None else 1 << self.access.base

    def _address(self, size: int, load: bool, aligned: bool = False) -> None:
        place = next((o for o in self.operands if o.type == arm.ARM_OP_MEM), None)
        if place is None:
            return
        memory = place.mem
        index = _CORE.get(memory.index) if memory.index else None
        shift = int(memory.lshift or (place.shift.value if place.shift.type else 0))
        post_indexed, writes_back = bool(self.this.post_index), bool(self.this.writeback)
        if index is not None:
            self.flags |= REGISTER_OFFSET
        if writes_back:
            self.flags |= WRITES_BACK
        self.address_reads = _bits((memory.base, memory.index)) & ~(1 << PC)
        displacement = int(memory.disp)
        if post_indexed and not displacement and len(self.operands) > 2:
            last = self.operands[-1]
            displacement = int(last.imm) if last.type == arm.ARM_OP_IMM else 0
        self.access = Access(
            _CORE[memory.base],
            index,
            shift,
            displacement,
            size,
            load,
            aligned or self.this.id in _ALIGNED,
            post_indexed,
            writes_back,
            self._moved() if size in (4, 8) else (),
        )

    def _moved(self) -> tuple[int, ...]:
        """The core registers before the address operand: what a load or store moves."""
        moved = []
        for operand in self.operands:
            if operand.type != arm.ARM_OP_REG:
                break
            if operand.reg in _CORE:
                moved.append(_CORE[operand.reg])
        return tuple(moved)

    def _multiple(self) -> None:
        this = self.this
        registers = [o.reg for o in self.operands if o.type == arm.ARM_OP_REG]
        load = this.id in _LOAD_MULTIPLE
        base = SP
        if this.id not in _OF_THE_STACK:
            base, registers = _CORE[registers[0]], registers[1:]
        words = max(1, len(registers))
        if registers and arm.ARM_REG_D0 <= registers[0] <= arm.ARM_REG_D31:
            words *= 2
        self.kind = Kind.LOAD_MULTIPLE if load else Kind.STORE_MULTIPLE
        if load and arm.ARM_REG_PC in registers:
            self.kind = Kind.LOAD_PC
        self.cycles = words
        self.address_reads = 1 << base
        first = -4 * words if this.id in _DOWNWARDS else 0
        core = tuple(_CORE[r] for r in registers if r in _CORE)
        moved = core if load or this.id == arm.ARM_INS_STM else ()
        self.access = Access(base, None, 0, first, 4 * words, load, True, False, False, moved)

    def _effect(self) -> Effect | None:
        """How the instruction forms an address, where it does."""
        this, operands = self.this, self.operands
        if len(operands) < 2 or operands[0].type != arm.ARM_OP_REG or operands[0].reg not in _CORE:
            return None
        target, last = _CORE[operands[0].reg], operands[-1]
        if this.id in (arm.ARM_INS_MOV, arm.ARM_INS_MOVW, arm.ARM_INS_MOVT):
            if last.type == arm.ARM_OP_IMM:
                value, low = int(last.imm), this.id == arm.ARM_INS_MOVT
                return Effect(target, None, offset=value << 16 if low else value, keeps_low=low)
            if last.type == arm.ARM_OP_REG and last.reg in _CORE and not last.shift.type:
                return Effect(target, _CORE[last.reg])
            return None
        if this.id == arm.ARM_INS_ADR:
            return Effect(target, PC, offset=int(last.imm))
        signs = {arm.ARM_INS_ADD: 1, arm.ARM_INS_ADDW: 1, arm.ARM_INS_SUB: -1, arm.ARM_INS_SUBW: -1}
        if this.id not in signs:
            return None
        first = operands[-2] if len(operands) > 2 else operands[0]
        if first.type != arm.ARM_OP_REG or first.reg not in _CORE:
            return None
        if last.type == arm.ARM_OP_IMM:
            return Effect(target, _CORE[first.reg], offset=signs[this.id] * int(last.imm))
        if this.id == arm.ARM_INS_ADD and last.type == arm.ARM_OP_REG and last.reg in _CORE:
            if not last.shift.type:
                return Effect(target, _CORE[first.reg], _CORE[last.reg])
            if last.shift.type == arm.ARM_SFT_LSL:
                return Effect(target, _CORE[first.reg], _CORE[last.reg], int(last.shift.value))
        return None
