"""Where the bytes of a firmware go before a board runs it."""

from __future__ import annotations

from dataclasses import dataclass, field

from facet.firmware.elf import Segment


@dataclass(frozen=True)
class RamStart:
    """A program that a debugger writes into RAM and starts there.

    Attributes:
        segments: its bytes, by address.
        entry: where the core starts.
        stack: the stack pointer that it starts with; None: what the reset left.
    """

    segments: list[Segment]
    entry: int
    stack: int | None = None


@dataclass(frozen=True)
class Placement:
    """What a programmer writes, and what a debugger does once the power is on.

    Attributes:
        flash: bytes for memory that keeps them, by address.
        ram: a program that runs in RAM; None: the core starts by itself.
        notes: what a user should know of it, a sentence each.
    """

    flash: list[Segment]
    ram: RamStart | None = None
    notes: list[str] = field(default_factory=list)
