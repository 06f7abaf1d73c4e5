"""States of a microcontroller and of its peripherals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from facet.state import Mode, State

LOCKED_UP: Final = "locked up"
"""The mode, on every chip, of a core that runs no instruction until it is reset."""


class RunningClock(NamedTuple):
    """An oscillator or PLL that runs, by the manual's name, and its frequency in hertz."""

    name: str
    hz: int


@dataclass(frozen=True)
class McuState(State):
    """The state of a microcontroller; its families extend it.

    Args:
        mode: such as ``run`` or ``stop2``.
        core_hz: the core's clock in hertz; 0 while it is stopped.
        core_source: the oscillator or PLL that the core's clock comes from; empty where it stands
            still.
        running: all oscillators and PLLs that are ready, in a fixed order.
    """

    core_hz: int = 0
    core_source: str = ""
    running: tuple[RunningClock, ...] = ()

    @property
    def core_clock(self) -> str:
        """The core's clock as text: ``80 MHz``."""
        return f"{self.core_hz / 1e6:g} MHz"


class ActivityMode(Mode):
    """The modes of a serial peripheral."""

    IDLE = "idle"
    ACTIVE = "active"


IDLE: Final = State(ActivityMode.IDLE)
"""A peripheral that moves no data."""

ACTIVE: Final = State(ActivityMode.ACTIVE)
"""A peripheral in a transfer."""
