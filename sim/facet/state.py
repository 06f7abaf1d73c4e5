"""States as values: what a part does over a span of time.

A part reports a new state at each change. The trace keeps the states, scenarios ask for their
modes, and a power model assigns a current to each value. A part with more data than its mode
extends `State` with fields of its own::

    class DisplayMode(Mode):
        OFF = "off"
        ON = "on"

    @dataclass(frozen=True)
    class DisplayState(State):
        lit_pixels: int = 0

    services.state("display", DisplayState(DisplayMode.ON, lit_pixels=640))

All values are immutable and hashable; equal values are the same state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MCU: Final = "mcu"
"""The microcontroller's name among the parts of a board."""


class Mode(StrEnum):
    """The modes of one type of part. Each type has an enumeration of its own.

    A member's value is the mode's name in board files, scenarios and reports, such as ``stop2``.
    """


@dataclass(frozen=True)
class State:
    """The state of a part.

    Args:
        mode: one of the part's modes.
    """

    mode: Mode

    @property
    def text(self) -> str:
        """The state as a short text; states that differ in detail may share a text."""
        return str(self.mode)

    @property
    def modes(self) -> tuple[str, ...]:
        """The names of all modes that the part can be in."""
        return tuple(type(self.mode))

    def __str__(self) -> str:
        return self.text
