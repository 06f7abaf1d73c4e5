"""The capability `Console`: the serial line of a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from facet.target.line import Line
from facet.time import Time


class Console(Protocol):
    """Sends bytes to the device, receives bytes and lines from it."""

    @property
    def data(self) -> bytes:
        """All bytes received since power-on."""

    @property
    def lines(self) -> Sequence[Line]:
        """All complete lines received since power-on."""

    def send(self, data: bytes) -> None:
        """Begins to send `data`; returns before it has been sent."""

    def wait_for_line(self, wanted: Callable[[Line], bool], timeout: Time) -> Line | None:
        """Waits for a line, and lets time pass until it arrives.

        Args:
            wanted: whether a line is the one waited for; asked once for each line that no call of
                this method has examined yet.
            timeout: how long to wait.

        Returns:
            The line, or None after the timeout.
        """

    def skip(self) -> None:
        """`wait_for_line` examines only lines that arrive from now on."""

    def on_byte(self, listener: Callable[[int, Time], None]) -> None:
        """Calls `listener` with each byte and the time of its arrival."""

    def on_line(self, listener: Callable[[Line], None]) -> None:
        """Calls `listener` with each complete line."""
