"""Describes a block of Thumb code to the native cycle model: its steps and its accesses.

`native/m4_pipeline.c` runs the steps; `timing.py` has the numbers that depend on the memory.

FIDELITY:
    model: A store or a multiple load overlaps an access to another memory as one to the same.
    silicon: They do not overlap.
    hides: A cycle each time.

FIDELITY:
    model: DMA never takes the bus from the core.
    silicon: The core and the DMA share the bus word by word.
    hides: A cycle each time that both access the same memory.

FIDELITY:
    model: Code in SRAM1 is fetched as from flash without wait states.
    silicon: Code in SRAM1 is fetched over the bus of its data, a cycle later each.
    hides: These cycles of code in RAM.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facet.cycles.accesses import AccessTracker, Address, constant, total
from facet.cycles.description import BlockDescription
from facet.cycles.skips import Skip, SkipTracker
from facet.cycles.thumb import size_of, thumb
from facet.cycles.thumb_instruction import (
    PC,
    SP,
    Access,
    Effect,
    Kind,
    Thumb,
)
from facet.cycles.timing import Timing


@dataclass(frozen=True)
class ThumbBlock(BlockDescription):
    """A block of Thumb code.

    Attributes:
        floating_point_at: address of its first instruction for the FPU, or None.
        skips: of each IT, what it takes off the block's cycles.
    """

    floating_point_at: int | None
    skips: tuple[Skip, ...]


def unaligned_cycles(size: int, low: int) -> int:
    """Cycles more for an access of `size` bytes at an address whose lowest two bits are `low`.

    An unaligned word goes over the bus as two halfwords, or as byte, halfword and byte.
    """
    if size == 4:
        return (0, 2, 1, 2)[low]
    return low & 1 if size == 2 else 0


class CortexM4Blocks:
    """Describes blocks.

    Args:
        read_constant: the word of read-only memory at an address, or None: literals are looked up.
        timing: the memory beside the core.
    """

    def __init__(self, read_constant: Callable[[int], int | None], timing: Timing) -> None:
        self._read_constant = read_constant
        self._timing = timing

    def describe(self, code: bytes, address: int) -> ThumbBlock:
        """Describes the block that `code` is."""
        steps, skips = [], SkipTracker(self._timing)
        accesses = AccessTracker(unaligned_cycles, frozenset({SP}))
        may_unmask, floating_point_at = False, None
        before: Thumb | None = None
        conditional = at = 0
        while at < len(code):
            this = thumb(code[at : at + size_of(code[at : at + 2])])
            here = address + at
            steps.append(_step(this, before, conditional > 0))
            if this.floating_point and floating_point_at is None:
                floating_point_at = here
            overlaps = overlaps_load(this, before)
            skips.step(this, here, overlaps)
            may_unmask |= this.may_unmask
            self._follow(this, here, accesses, conditional > 0, len(steps) - 1, overlaps)
            conditional = this.it_length or max(0, conditional - 1)
            before = this
            at += this.size
        return ThumbBlock(
            b"".join(steps),
            len(steps),
            accesses,
            may_unmask,
            floating_point_at,
            skips.skips,
        )

    def _follow(
        self,
        this: Thumb,
        here: int,
        accesses: AccessTracker,
        conditional: bool,
        step: int,
        overlaps: bool,
    ) -> None:
        """Notes an instruction's access and what becomes of the registers."""
        loaded: dict[int, Address | None] = {}
        base: Address | None = None
        access = this.access
        if access is not None:
            base = constant(here + 4 & ~3) if access.base == PC else accesses.value(access.base)
            loaded = self._access(access, base, accesses, step, overlaps)
        for register in range(PC):
            if this.writes >> register & 1:
                value = loaded.get(register)
                if access is not None and access.writes_back and register == access.base:
                    value = None if base is None else base.plus(access.displacement)
                elif this.effect is not None and this.effect.register == register:
                    value = _value_of(this.effect, here, accesses)
                accesses.set(register, None if conditional else value)

    def _access(
        self,
        access: Access,
        base: Address | None,
        accesses: AccessTracker,
        step: int,
        overlaps: bool,
    ) -> dict[int, Address | None]:
        """Notes an access; the values that it loads, by register."""
        place = base
        if access.index is not None:
            place = total(base, accesses.scaled(access.index, access.shift))
            if place is None and base is not None:
                # Which word of a table it is, is not known; which memory the table is in, is.
                accesses.access(base, 1, access.load, True, step, overlaps)
                return {}
        if place is not None and not access.post_indexed:
            place = place.plus(access.displacement)
        accesses.access(place, access.bytes, access.load, access.aligned, step, overlaps)
        if place is None:
            return {}
        words = {register: place.plus(4 * n) for n, register in enumerate(access.registers)}
        if access.load:
            return {register: self._word(word, accesses) for register, word in words.items()}
        for register, word in words.items():
            accesses.store(word, accesses.value(register))
        return {}

    def _word(self, place: Address, accesses: AccessTracker) -> Address | None:
        if place.constant is None:
            return accesses.load(place)
        value = self._read_constant(place.constant)
        return None if value is None else constant(value)


def overlaps_load(this: Thumb, before: Thumb | None) -> bool:
    """Whether a load's address goes out while the load before it still moves its value."""
    return (
        before is not None
        and this.kind is Kind.LOAD
        and before.kind is Kind.LOAD
        and not this.address_reads & before.writes
    )


def _value_of(effect: Effect, here: int, accesses: AccessTracker) -> Address | None:
    if effect.keeps_low:
        low = accesses.value(effect.register)
        if low is None or low.constant is None:
            return None
        return constant(low.constant & 0xFFFF | effect.offset)
    if effect.base is None:
        return constant(effect.offset)
    if effect.base == PC:
        return constant((here + 4 & ~3) + effect.offset)
    if effect.index is not None:
        return total(accesses.value(effect.base), accesses.scaled(effect.index, effect.shift))
    value = accesses.value(effect.base)
    return None if value is None else value.plus(effect.offset)


_CONDITIONAL = {Kind.BRANCH: Kind.BRANCH_IF, Kind.JUMP: Kind.JUMP_IF}
_LR = 1 << 14


def _step(this: Thumb, before: Thumb | None, conditional: bool) -> bytes:
    kind, cycles = this.kind, this.cycles
    if kind is Kind.IT and before is not None and _folds(before):
        cycles = 0
    if kind is Kind.BRANCH and this.reads & _LR and before is not None and before.writes & _LR:
        kind = Kind.JUMP  # BX LR behind what writes LR: the target is not known in decode
    if conditional:
        kind = _CONDITIONAL.get(kind, kind)
    return this.step(kind, cycles)


def _folds(before: Thumb) -> bool:
    """Whether an IT behind it takes no cycle: 16 bits of arithmetic (ARM DDI 0337, 3.3.1)."""
    return before.size == 2 and before.kind is Kind.ALU
