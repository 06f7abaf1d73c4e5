"""A target that is not a simulated board: a serial line with a script at its end.

It has the capabilities that a real board at a serial port has, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from facet.board.board import Board
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.line import Line
from facet.target.target import Target
from facet.time import ZERO, Time, ms

BOOT = {"event": "boot", "firmware": "9.9", "model": "tiny", "model_sha256": "abc", "reset": "pin"}


class ScriptedBoard:
    """Console and clock in one: the script takes no time, each line arrives after 1 ms."""

    def __init__(self) -> None:
        self.now = ZERO
        self.data = b""
        self.lines: list[Line] = []
        self._examined = 0
        self._coming: list[tuple[Time, str]] = []
        self._listeners: list[Callable[[Line], None]] = []
        self._say(BOOT)

    # -- Console
    def send(self, data: bytes) -> None:
        for command in data.decode().split("\n"):
            if command == "version":
                self._say({"event": "version", "firmware": "9.9"})
            elif command == "sleep deep":
                self._say({"event": "sleep", "mode": "light"})  # it was about to
                self._say({"event": "ok", "command": "sleep", "mode": "deep"})
            elif command:
                self._say({"event": "error", "code": "bad_command"})

    def wait_for_line(self, wanted: Callable[[Line], bool], timeout: Time) -> Line | None:
        until = self.now + timeout
        while True:
            while self._examined < len(self.lines):
                self._examined += 1
                if wanted(self.lines[self._examined - 1]):
                    return self.lines[self._examined - 1]
            if not self._coming or self._coming[0][0] > until:
                self.run_until(until)
                return None
            self.run_until(self._coming[0][0])

    def skip(self) -> None:
        self._examined = len(self.lines)

    def on_byte(self, listener: Callable[[int, Time], None]) -> None:
        raise NotImplementedError

    def on_line(self, listener: Callable[[Line], None]) -> None:
        self._listeners.append(listener)

    # -- Clock
    def run_until(self, at: Time) -> None:
        while self._coming and self._coming[0][0] <= at:
            self.now, text = self._coming.pop(0)
            self.data += text.encode() + b"\n"
            self.lines.append(Line(self.now, text))
            for listener in self._listeners:
                listener(self.lines[-1])
        self.now = max(self.now, at)

    def stop(self) -> None:
        raise NotImplementedError

    def at(self, at: Time, action: Callable[[], None]) -> None:
        raise NotImplementedError

    def _say(self, message: dict[str, str]) -> None:
        self._coming.append((self.now + ms(1), json.dumps(message)))


def scripted_target(board: Board) -> Target:
    """A target with `Console` and `Clock` only."""
    device = ScriptedBoard()
    console: Console = device
    clock: Clock = device
    return Target(board, {Console: console, Clock: clock}, kind="scripted")
