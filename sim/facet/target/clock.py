"""The capability `Clock`: the time of a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from facet.time import Time


class Clock(Protocol):
    """Gives the time since power-on and lets time pass: virtual time, or a real board's own."""

    @property
    def now(self) -> Time:
        """The time since power-on."""

    def run_until(self, at: Time) -> None:
        """Lets time pass until `at`, counted from power-on, or until `stop` is called."""

    def stop(self) -> None:
        """Ends `run_until` early; called from a callback or from another thread."""

    def at(self, at: Time, action: Callable[[], None]) -> None:
        """Plans `action`, such as a press of a button, for the time `at`."""
