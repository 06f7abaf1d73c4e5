"""The capability `States`: the states of a target's parts over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from facet.state import State
from facet.time import ZERO, Time
from facet.trace import Span


class States(Protocol):
    """Gives the present and past states of each part.

    All methods raise FacetError where the board has no such part, or the part no such mode.
    """

    @property
    def parts(self) -> Sequence[str]:
        """The microcontroller, ``mcu``, and the parts around it, by name."""

    def present(self, part: str) -> State:
        """The state that a part is in.

        Args:
            part: one of `parts`, or a peripheral of the chip, such as ``USART2``.
        """

    def spans(self, part: str, since: Time = ZERO) -> Sequence[Span]:
        """The states of a part from `since` until now, by time; neighbours differ in value."""

    def stays(self, part: str, mode: str, since: Time = ZERO) -> Sequence[Span]:
        """The stretches of time that a part spent in a mode, from `since` until now.

        Args:
            part: as for `present`.
            mode: the mode's name; its other values, such as the clock, may change during a stay.
            since: the time to begin at.
        """

    def time_in(self, part: str, mode: str, since: Time = ZERO) -> Time:
        """The time that a part was in a mode, from `since` until now."""
