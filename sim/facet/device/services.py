"""The services of the board for the parts around the chip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from facet.state import State
from facet.time import Time
from facet.timeline import Event


class DeviceServices(Protocol):
    """The board's services; those of the chip include them."""

    @property
    def now(self) -> Time:
        """Virtual time."""

    def schedule(self, delay: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for `delay` from now."""

    def violation(self, rule: str, message: str) -> None:
        """Reports a fault that the real board has too.

        Args:
            rule: short name, such as "back-powered".
            message: one sentence that names the part, its registers and its bits.
        """

    def state(self, subject: str, state: State) -> None:
        """Records that `subject` (a part's name) is in `state` from now on."""
