"""The native profiler (`profile.h`) as Python starts and reads it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from facet.engine.profiling import (
    ENTRY,
    MARK,
    NODE,
    STACK,
    STEP,
    ProfiledFunction,
    RawProfile,
    Table,
)
from facet.engine.unicorn.native import NativeCore, library

_U32 = ctypes.c_uint32
_LISTS: Final = {"entries": ENTRY, "steps": STEP, "nodes": NODE, "stacks": STACK, "marks": MARK}
"""In the order of the C side's enumeration."""

_SIZES: Final = {
    "profiled_function": 16,
    "node": NODE.itemsize,
    "entry": ENTRY.itemsize,
    "entry_step": STEP.itemsize,
    "stack": STACK.itemsize,
    "mark_change": MARK.itemsize,
}


def start(core: NativeCore, functions: Sequence[ProfiledFunction]) -> None:
    """Begins to count; see `facet.engine.profiling.ProfilingEngine.start_profile`."""
    for name, size in _SIZES.items():
        assert getattr(library(), f"facet_{name}_size")() == size, name
    packed = np.array(
        [(f.begin, f.end, f.phase, int(f.numbers_calls)) for f in functions], dtype="<u4"
    ).reshape(-1, 4)
    core.call("profile_start", packed.ctypes.data_as(ctypes.c_void_p), len(packed))


def read(core: NativeCore) -> RawProfile:
    """The counts so far, as copies."""
    return RawProfile(
        begin_half_cycles=core.call("profile_begin"),
        end_half_cycles=core.core.half_cycles,
        instructions=core.call("profile_instructions"),
        marks_lost=core.call("profile_marks_lost"),
        **{name: _table(core, n, dtype) for n, (name, dtype) in enumerate(_LISTS.items())},
    )


def _table(core: NativeCore, which: int, dtype: np.dtype[Any]) -> Table:
    count = _U32()
    address = core.call("profile_list", which, ctypes.byref(count))
    if not count.value:
        return np.zeros(0, dtype)
    data = ctypes.string_at(address, count.value * dtype.itemsize)
    return np.frombuffer(data, dtype)
