"""Real processes in tests: their children, and whether they end in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="needs Linux's /proc to see processes"
)

_STATE, _GROUP, _SESSION = 0, 2, 3
"""Fields of /proc/PID/stat behind the name (proc(5))."""


def session_members(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    return _with(_SESSION, session)


def group_members(group: int) -> list[int]:
    """The processes of a process group that have not ended."""
    return _with(_GROUP, group)


def comes_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether it ends within this number of seconds of host time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _with(field: int, value: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[_STATE] != "Z" and int(fields[field]) == value:
            found.append(int(status.parent.name))
    return found
