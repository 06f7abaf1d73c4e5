"""What the native cycle model is told about a block."""

from __future__ import annotations

from dataclasses import dataclass

from facet.cycles.accesses import AccessTracker


@dataclass(frozen=True)
class BlockDescription:
    """A block as the C side takes it (`native/cycle_model.h`).

    Attributes:
        steps: its instructions as M4Step or Rv32Step structures.
        instructions: how many there are.
        accesses: where its loads and stores go.
        may_unmask: whether it may let a masked interrupt through.
    """

    steps: bytes
    instructions: int
    accesses: AccessTracker
    may_unmask: bool
