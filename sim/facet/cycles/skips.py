"""What an IT takes off the cycles of its block: a skipped instruction takes one cycle.

The block is costed as if all its instructions were carried out. When it runs, a hook on the IT
looks at the condition (`facet.engine.unicorn`), or one on each instruction that it may skip
(`facet.engine.renode`). A hook takes as long as some hundred instructions,
so there is one only where much is skipped.

FIDELITY:
    model: A conditional load, or two, costs the same whether it is skipped or not.
    silicon: A skipped instruction takes one cycle.
    hides: One or two cycles for each IT block that skips loads.
"""

from __future__ import annotations

from typing import NamedTuple

from facet.cycles.thumb_instruction import REGISTER_OFFSET, Kind, Thumb
from facet.cycles.timing import Timing

_WORTH_A_HOOK = 3  # cycles


class Skip(NamedTuple):
    """An IT before instructions that take more than a cycle when they are not skipped.

    Attributes:
        address: of the IT.
        condition: its first one (ARM DDI 0403E, A7.3).
        if_holds, if_fails: cycles that the block takes less, by whether the condition holds.
    """

    address: int
    condition: int
    if_holds: int
    if_fails: int


class SkipTracker:
    """Follows a block's instructions and collects its `skips`.

    Args:
        timing: the memory beside the core.
    """

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._it: Thumb | None = None
        self._number = 0  # of the instruction behind the IT
        self._skips: list[Skip] = []

    @property
    def skips(self) -> tuple[Skip, ...]:
        """What was found so far."""
        return tuple(
            skip for skip in self._skips if max(skip.if_holds, skip.if_fails) >= _WORTH_A_HOOK
        )

    def step(self, this: Thumb, address: int, overlaps: bool) -> int:
        """The next instruction; `overlaps`: a load whose address overlaps the load before.

        Returns:
            Cycles that it takes less where the IT before skips it.
        """
        if this.it_length:
            self._it, self._number = this, 0
            self._skips.append(Skip(address, this.it >> 4, 0, 0))
            return 0
        if self._it is None or self._number == self._it.it_length:
            return 0
        more = 0 if overlaps else self._beyond_one(this)
        skip = self._skips[-1]
        self._skips[-1] = skip._replace(
            if_holds=skip.if_holds + more * self._it.skips(self._number, holds=True),
            if_fails=skip.if_fails + more * self._it.skips(self._number, holds=False),
        )
        self._number += 1
        return more

    def _beyond_one(self, this: Thumb) -> int:
        """Cycles of an instruction besides the first."""
        if this.kind is Kind.LOAD:
            return 1
        if this.kind is Kind.STORE and this.flags & REGISTER_OFFSET:
            return self._timing.store_indexed - 1
        if this.kind is Kind.LOAD_MULTIPLE:
            return this.cycles
        if this.kind is Kind.STORE_MULTIPLE:
            return 1 + (this.cycles - 1) * self._timing.store_after_store
        return this.cycles - 1 if this.kind is Kind.ALU else 0
