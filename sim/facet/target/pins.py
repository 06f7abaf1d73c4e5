"""The capability `Pins`: the levels of the chip's pins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Pins(Protocol):
    """Reads and watches the nets at the chip's pins."""

    @property
    def names(self) -> Sequence[str]:
        """The pins, without those that share a net with another."""

    def level(self, pin: str) -> int | None:
        """The level of a pin: 0, 1, or None where it floats."""

    def watch(self, pin: str, listener: Callable[[int | None], None]) -> None:
        """Calls `listener` with each new level of a pin, and once with the present one."""
