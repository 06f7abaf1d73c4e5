"""The interface of the parts around the chip, and of parts that a scenario can break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Part(Protocol):
    """A part that a board file names.

    A part is built with the board's services and its wiring; it drives and watches nets, is
    connected to buses, and reports its states under its name.
    """

    @property
    def name(self) -> str:
        """Its name in the board file, in messages and in the state trace."""


@runtime_checkable
class Breakable(Part, Protocol):
    """A part that a scenario can break and repair."""

    @property
    def failures(self) -> Sequence[str]:
        """The ways in which it can be broken."""

    def fail(self, how: str) -> None:
        """Breaks the part at once, until `repair`.

        Args:
            how: one of `failures`.

        Raises:
            ValueError: `how` is none of them.
        """

    def repair(self) -> None:
        """Ends a failure."""
