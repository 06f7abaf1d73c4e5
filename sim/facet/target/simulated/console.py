"""The console of a simulated board."""

from __future__ import annotations

from collections.abc import Callable

from facet.device.terminal import Line as TerminalLine
from facet.machine import Machine
from facet.target.line import Line
from facet.time import Time


class SimulatedConsole:
    """The terminal at the board's serial line; see `facet.target.console.Console`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._terminal = machine.terminal
        self._lines: list[Line] = []
        self._examined = 0  # lines that `wait_for_line` has examined or skipped
        self._wanted: Callable[[Line], bool] | None = None
        self._listeners: list[Callable[[Line], None]] = []
        self._terminal.on_line(self._receive)

    @property
    def data(self) -> bytes:
        """All bytes received."""
        return bytes(self._terminal.data)

    @property
    def lines(self) -> list[Line]:
        """All complete lines received."""
        return self._lines

    def send(self, data: bytes) -> None:
        """Sends bytes one after the other at the terminal's baud rate."""
        self._terminal.send(data)

    def wait_for_line(self, wanted: Callable[[Line], bool], timeout: Time) -> Line | None:
        """Runs the board until a line arrives that is `wanted`, at most for `timeout`."""
        until = self._machine.now + timeout
        while True:
            while self._examined < len(self._lines):
                line = self._lines[self._examined]
                self._examined += 1
                if wanted(line):
                    return line
            if self._machine.now >= until:
                return None
            self._wanted = wanted
            try:
                self._machine.run(until)
            finally:
                self._wanted = None

    def skip(self) -> None:
        """Leaves out the lines that have arrived."""
        self._examined = len(self._lines)

    def on_byte(self, listener: Callable[[int, Time], None]) -> None:
        """Calls `listener` with each byte."""
        self._terminal.on_byte(listener)

    def on_line(self, listener: Callable[[Line], None]) -> None:
        """Calls `listener` with each line."""
        self._listeners.append(listener)

    def _receive(self, received: TerminalLine) -> None:
        line = Line(received.at, received.text)
        self._lines.append(line)
        for listener in self._listeners:
            listener(line)
        if self._wanted is not None and self._wanted(line):
            self._machine.stop()
