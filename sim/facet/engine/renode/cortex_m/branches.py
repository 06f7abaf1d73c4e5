"""Where a branch by a register or a load goes, after Renode has refused it.

Renode stops a branch to an address without the Thumb bit on the branch; silicon takes the branch
and faults on the instruction that it goes to (ARM DDI 0403E, B1.5.14, INVSTATE).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import capstone
from capstone import arm

from facet.isa import thumb


class Target(NamedTuple):
    """Where a branch goes.

    Attributes:
        address: without the Thumb bit.
        pointer: the stack pointer behind the branch, where Renode has not moved it; None: it has.
    """

    address: int
    pointer: int | None


def target(
    this: capstone.CsInsn, register: Callable[[int], int], word: Callable[[int, int], int]
) -> Target:
    """The target of BX, BLX, POP, LDM or LDR into the PC.

    Args:
        this: the branch.
        register: gives a core register by its number.
        word: reads memory, given address and size.
    """
    if this.id in (arm.ARM_INS_BX, arm.ARM_INS_BLX):
        return Target(register(thumb.number(this.operands[0].reg)) & ~1, None)
    access = thumb.access(this)
    if access is None:
        return Target(int(this.address), None)
    base = register(access.base)
    if this.size == 2:  # POP, whose write-back comes before the branch in Renode
        return Target(word(base - 4, 4) & ~1, None)
    low = base + access.displacement
    if access.index is not None:
        low += register(access.index) << access.shift
    pointer = base + access.size if access.base == thumb.SP and this.writeback else None
    return Target(word(low + access.size - 4, 4) & ~1, pointer)
