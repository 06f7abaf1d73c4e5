"""Reads the user's answers: a key on a terminal, a line elsewhere."""

from __future__ import annotations

import os
import select
import sys
import termios
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Self

from facet.errors import FacetError


class Answer(Enum):
    """The user's choice."""

    GO = "go"
    SKIP = "skip"
    QUIT = "quit"


_LOCAL_MODES: Final = 3
"""Index of c_lflag in what tcgetattr gives (termios(3); Python's module termios)."""

_CTRL_D: Final = "\x04"

_BY_KEY: Final = {
    "": Answer.GO,
    " ": Answer.GO,
    "s": Answer.SKIP,
    "q": Answer.QUIT,
    _CTRL_D: Answer.QUIT,
}


class Keyboard:
    """Standard input. As a context on a terminal: each key counts at once and is not echoed."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if sys.stdin.isatty():
            descriptor = sys.stdin.fileno()
            self._before = termios.tcgetattr(descriptor)
            changed = termios.tcgetattr(descriptor)
            changed[_LOCAL_MODES] &= ~(termios.ICANON | termios.ECHO)  # Ctrl-C still interrupts
            termios.tcsetattr(descriptor, termios.TCSANOW, changed)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._before)

    def answer(self, idle: Callable[[], object]) -> Answer:
        """Waits for ENTER (go), s (skip) or q (quit); ignores other keys.

        Args:
            idle: called repeatedly until a key is pressed; only on a terminal.

        Raises:
            FacetError: standard input has ended.
        """
        if self._before is not None:  # keys pressed while pictures were taken are not an answer
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
        while True:
            key = self._line() if self._before is None else self._key(idle)
            if key in _BY_KEY:
                return _BY_KEY[key]

    @staticmethod
    def _key(idle: Callable[[], object]) -> str:
        descriptor = sys.stdin.fileno()
        while not select.select([descriptor], [], [], 0)[0]:
            idle()
        byte = os.read(descriptor, 1)
        if not byte:
            raise _ended()
        return byte.decode("latin-1").lower().strip("\r\n")

    @staticmethod
    def _line() -> str:
        line = sys.stdin.readline()
        if not line:
            raise _ended()
        return line.strip().lower()


def _ended() -> FacetError:
    return FacetError(
        "standard input has ended, so that ENTER cannot be pressed: run it in a terminal, or take "
        "a video or a folder with --source"
    )
