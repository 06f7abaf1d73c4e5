"""Nets: the electrical connections between a chip's pins and the parts."""

from __future__ import annotations

from collections.abc import Callable


class Net:
    """One net.

    Each driver drives 0, 1 or None (high impedance). Where no driver drives a level, the pull
    resistors set it. Two drivers with different levels are a short circuit: the net then reads as 0
    and `conflict` is True.

    Args:
        name: the pin at which the net was made.

    Attributes:
        level: 0, 1, or None where the net floats.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._drives: dict[str, int | None] = {}
        self._pulls: dict[str, int | None] = {}
        self._listeners: list[Callable[[int | None], None]] = []
        self.level: int | None = None
        self.conflict = False

    def drive(self, driver: str, level: int | None) -> None:
        """Drives the net.

        Args:
            driver: the name of the pin or part that drives.
            level: 0, 1, or None for high impedance.
        """
        if self._drives.get(driver) != level or driver not in self._drives:
            self._drives[driver] = level
            self._settle()

    def pull(self, source: str, level: int | None) -> None:
        """Connects or disconnects a pull resistor.

        Args:
            source: the name of the pin or part that has the resistor.
            level: 1 pulls up, 0 down; None disconnects the resistor.
        """
        if self._pulls.get(source) != level or source not in self._pulls:
            self._pulls[source] = level
            self._settle()

    def watch(self, listener: Callable[[int | None], None]) -> None:
        """Calls `listener` with each new level, and once with the present one."""
        self._listeners.append(listener)
        listener(self.level)

    def _settle(self) -> None:
        driven = {level for level in self._drives.values() if level is not None}
        pulled = {level for level in self._pulls.values() if level is not None}
        self.conflict = len(driven) > 1
        level = min(driven or pulled, default=None)
        if level != self.level:
            self.level = level
            for listener in list(self._listeners):
                listener(level)
