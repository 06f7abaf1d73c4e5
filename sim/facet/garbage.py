"""How often Python looks for garbage in cycles of references, for processes that only simulate."""

from __future__ import annotations

import gc
from typing import Final

_ALLOCATIONS: Final = 50_000
"""Objects between two collections of the youngest generation; Python's default is 700. A board's
objects live as long as its run: at 700, a decision spends a third of its time in collections."""


def collect_rarely() -> None:
    """Lets the garbage collector run rarely; for a process's start, not for a library's use."""
    gc.set_threshold(_ALLOCATIONS, 20, 20)
