"""What a basic block costs on a Cortex-M4 without wait states.

The rules and their numbering are those of the rule set that was fitted to a NUCLEO-L4R5ZI: 1.0 %
mean absolute error on 91 phases of 44 pqm4 programs, 1.81 % on 22 phases held back (C code 2.30 %,
worst 9.4 %). Division, floating point and everything with wait states were not among them.

FIDELITY: UDIV and SDIV cost 6 cycles and unaligned data nothing extra; silicon takes 2 to 12 by
the operands and 1 to 2 more for each unaligned word; hides up to 6 cycles a division.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import capstone
from capstone import arm

from facet.isa import thumb

_LOADS = {
    arm.ARM_INS_LDR,
    arm.ARM_INS_LDRB,
    arm.ARM_INS_LDRH,
    arm.ARM_INS_LDRSB,
    arm.ARM_INS_LDRSH,
    arm.ARM_INS_LDREX,
    arm.ARM_INS_LDREXB,
    arm.ARM_INS_LDREXH,
    arm.ARM_INS_VLDR,
}
_STORES = {
    arm.ARM_INS_STR,
    arm.ARM_INS_STRB,
    arm.ARM_INS_STRH,
    arm.ARM_INS_STREX,
    arm.ARM_INS_STREXB,
    arm.ARM_INS_STREXH,
    arm.ARM_INS_VSTR,
}
_DOUBLE = {arm.ARM_INS_LDRD, arm.ARM_INS_STRD}
_MULTIPLE = {
    arm.ARM_INS_LDM,
    arm.ARM_INS_LDMDB,
    arm.ARM_INS_STM,
    arm.ARM_INS_STMDB,
    arm.ARM_INS_PUSH,
    arm.ARM_INS_POP,
    arm.ARM_INS_VLDMIA,
    arm.ARM_INS_VLDMDB,
    arm.ARM_INS_VSTMIA,
    arm.ARM_INS_VSTMDB,
    arm.ARM_INS_VPUSH,
    arm.ARM_INS_VPOP,
}
_BRANCHES = {
    arm.ARM_INS_B,
    arm.ARM_INS_BL,
    arm.ARM_INS_BX,
    arm.ARM_INS_BLX,
    arm.ARM_INS_CBZ,
    arm.ARM_INS_CBNZ,
    arm.ARM_INS_TBB,
    arm.ARM_INS_TBH,
}
# Cortex-M4 TRM (ARM 100166), table 3-1 and 7-1, in cycles.
_OTHERS = {
    arm.ARM_INS_UDIV: 6,
    arm.ARM_INS_SDIV: 6,
    arm.ARM_INS_VDIV: 14,
    arm.ARM_INS_VSQRT: 14,
    arm.ARM_INS_VMLA: 3,
    arm.ARM_INS_VMLS: 3,
    arm.ARM_INS_VNMLA: 3,
    arm.ARM_INS_VNMLS: 3,
    arm.ARM_INS_VNMUL: 1,
    arm.ARM_INS_VFMA: 3,
    arm.ARM_INS_VFMS: 3,
    arm.ARM_INS_DSB: 4,
    arm.ARM_INS_DMB: 4,
    arm.ARM_INS_ISB: 4,
    arm.ARM_INS_MSR: 2,
    arm.ARM_INS_MRS: 2,
    arm.ARM_INS_IT: 0,  # rule 1
}
_UNMASKING = {arm.ARM_INS_CPS, arm.ARM_INS_MSR}
_ALWAYS = arm.ARM_CC_AL


@dataclass(frozen=True)
class BlockCost:
    """Half cycles of a block: its body, its last branch by outcome, and entering it by a branch."""

    half_cycles: int
    taken: int
    fallthrough: int
    entry: int
    instructions: int
    may_unmask: bool
    floating_point_at: int | None
    """Address of its first instruction for the FPU."""
    ends: tuple[int, ...]
    """Half cycles of the body up to the end of each instruction."""


class CortexM4Costs:
    """Costs blocks of Thumb code."""

    @staticmethod
    @lru_cache(maxsize=65536)  # shared by all cores and kept between boots
    def cost(code: bytes, address: int, size: int) -> BlockCost:
        """Costs the block of `size` bytes at `address`.

        Args:
            code: the block and, where there is more, at least the four bytes after it.
        """
        decoded = list(thumb.decode(code, address))
        block = [i for i in decoded if i.address < address + size]
        following = decoded[len(block)] if len(block) < len(decoded) else None
        if not block:
            return BlockCost(2, 4, 0, 0, 1, False, None, (2,))
        ends, half = [], 0
        runs = _fetch_runs(block)
        for n, this in enumerate(block):
            half += _body_half_cycles(this, block[n + 1] if n + 1 < len(block) else following)
            half += 2 * runs[n]
            ends.append(half)
        taken, fallthrough = _branch_half_cycles(block[-1])
        return BlockCost(
            half,
            taken,
            fallthrough,
            2 if block[0].size == 4 and address & 2 else 0,  # rule 7, first sentence
            len(block),
            any(i.id in _UNMASKING for i in block),
            next((i.address for i in block if str(i.mnemonic).startswith("v")), None),
            tuple(ends),
        )


def _is_branch(this: capstone.CsInsn) -> bool:
    return this.id in _BRANCHES


def _body_half_cycles(this: capstone.CsInsn, following: capstone.CsInsn | None) -> int:
    if _is_branch(this):
        return 4 if this.id in (arm.ARM_INS_TBB, arm.ARM_INS_TBH) else 0  # the table's load
    if this.id in _OTHERS:
        return 2 * _OTHERS[this.id]
    if this.id in _LOADS:
        return 2 * _load_cycles(this, following)
    if this.id in _STORES:
        return 2 * _store_cycles(this, following)
    if this.id in _DOUBLE:
        return 2 * 3  # rule 5
    if this.id in _MULTIPLE:
        return 2 * (1 + _registers_moved(this))  # rule 5
    if this.id == arm.ARM_INS_VMOV and _core_registers(this) == 2:
        return 2 * 2  # rule 1
    return 2  # rule 1


def _registers_moved(this: capstone.CsInsn) -> int:
    registers = [o for o in this.operands if o.type == arm.ARM_OP_REG]
    first_is_base = this.id not in (
        arm.ARM_INS_PUSH,
        arm.ARM_INS_POP,
        arm.ARM_INS_VPUSH,
        arm.ARM_INS_VPOP,
    )
    return max(1, len(registers) - first_is_base)


def _core_registers(this: capstone.CsInsn) -> int:
    return sum(
        1
        for o in this.operands
        if o.type == arm.ARM_OP_REG and arm.ARM_REG_R0 <= o.reg <= arm.ARM_REG_R12
    )


def _load_cycles(this: capstone.CsInsn, following: capstone.CsInsn | None) -> int:
    loaded = this.operands[0].reg
    if loaded == arm.ARM_REG_PC or following is None:
        return 2
    if following.id in _LOADS:
        memory = [o for o in following.operands if o.type == arm.ARM_OP_MEM]
        addresses_with_it = any(loaded in (o.mem.base, o.mem.index) for o in memory)
        return 2 if addresses_with_it else 1  # rule 2
    if following.id in _STORES or following.id in _DOUBLE or following.id in _MULTIPLE:
        return 2  # rule 2: a store after a load saves nothing
    read, _ = following.regs_access()
    return 3 if loaded in read else 2  # rule 3


def _store_cycles(this: capstone.CsInsn, following: capstone.CsInsn | None) -> int:
    indexed = any(o.type == arm.ARM_OP_MEM and o.mem.index for o in this.operands)
    cycles = 2 if indexed else 1
    if following is not None:
        if following.id in _STORES:
            cycles = max(cycles, 2)
        elif following.id in _LOADS:
            cycles = max(cycles, 3)
    return cycles  # rule 4


def _fetch_runs(block: Sequence[capstone.CsInsn]) -> list[int]:
    """1 for each instruction that is the fourth of a run of 32-bit ones at 2 modulo 4 (rule 7)."""
    runs, length = [], 0
    for this in block:
        length = length + 1 if this.size == 4 and this.address & 2 else 0
        runs.append(int(length == 4))
    return runs


def _branch_half_cycles(last: capstone.CsInsn) -> tuple[int, int]:
    """Half cycles of the block's last instruction when it branches and when it does not."""
    if _is_branch(last):
        conditional = last.cc != _ALWAYS and last.cc != arm.ARM_CC_INVALID
        if conditional or last.id in (arm.ARM_INS_CBZ, arm.ARM_INS_CBNZ):
            return 5, 4  # rule 6
        return 4, 4  # a call that falls through is one to the next instruction: still taken
    # POP with PC, LDR PC and other writes of the PC refill the pipeline (rule 5: + 2); a block
    # that ends without a branch costs nothing more, and what follows an exception is not ours.
    return 4, 0
