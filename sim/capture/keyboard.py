"""What the person answers: a key on a terminal, a line elsewhere."""

from __future__ import annotations

import os
import select
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from sim.errors import FacetError


class Answer(Enum):
    """What to do next."""

    GO = "go"
    SKIP = "skip"
    QUIT = "quit"


_CTRL_D: Final = "\x04"

_BY_KEY: Final = {
    "": Answer.GO,
    " ": Answer.GO,
    "s": Answer.SKIP,
    "q": Answer.QUIT,
    _CTRL_D: Answer.QUIT,
}


class Keyboard:
    """Standard input."""

    def answer(self, idle: Callable[[], object]) -> Answer:
        """Waits for ENTER (go), s (skip) or q (quit); other keys say nothing.

        Args:
            idle: called again and again while nothing comes; only on a terminal.

        Raises:
            FacetError: standard input has ended.
        """
        on_terminal = sys.stdin.isatty()
        while True:
            key = self._key(idle) if on_terminal else self._line()
            if key in _BY_KEY:
                return _BY_KEY[key]

    @staticmethod
    def _key(idle: Callable[[], object]) -> str:
        descriptor = sys.stdin.fileno()
        with _single_keys(descriptor):
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
        "standard input has ended, nobody is there to press ENTER: run it in a terminal, or take "
        "a video or a folder with --source"
    )


@contextmanager
def _single_keys(descriptor: int) -> Iterator[None]:
    """Each key at once and unseen, instead of lines; Ctrl-C still interrupts."""
    before = termios.tcgetattr(descriptor)
    changed = termios.tcgetattr(descriptor)
    changed[3] &= ~(termios.ICANON | termios.ECHO)
    termios.tcsetattr(descriptor, termios.TCSANOW, changed)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
