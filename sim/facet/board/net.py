"""Nets: the copper between a chip's pins and the parts."""

from __future__ import annotations

from collections.abc import Callable


class Net:
    """One net. Each driver says 0, 1 or None (high impedance); a pull decides when nobody drives.

    Two drivers that disagree are a short: the net then reads as 0 and `conflict` is True.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._drives: dict[str, int | None] = {}
        self._pulls: dict[str, int | None] = {}
        self._listeners: list[Callable[[int | None], None]] = []
        self.level: int | None = None
        self.conflict = False

    def drive(self, driver: str, level: int | None) -> None:
        """`driver` (a pin's or part's name) drives the net, or lets go of it with None."""
        if self._drives.get(driver) != level or driver not in self._drives:
            self._drives[driver] = level
            self._settle()

    def pull(self, source: str, level: int | None) -> None:
        """A resistor of `source` pulls the net up (1), down (0), or is gone (None)."""
        if self._pulls.get(source) != level or source not in self._pulls:
            self._pulls[source] = level
            self._settle()

    def watch(self, listener: Callable[[int | None], None]) -> None:
        """Calls `listener` with each new level, and once now."""
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
