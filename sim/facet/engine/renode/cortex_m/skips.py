"""Finds instructions that an IT may skip, and what each then takes less (`facet.cycles.skips`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from facet.cycles.cortex_m4 import overlaps_load
from facet.cycles.skips import SkipTracker
from facet.cycles.thumb import size_of, thumb
from facet.cycles.thumb_instruction import Thumb
from facet.cycles.timing import STM32L4

_FARTHEST = 14  # bytes from an IT to its fourth instruction
_BEFORE = 30  # bytes that are looked at
_REST = 16  # bytes of four instructions
_IT = 0xBF  # upper half of the encoding (ARM DDI 0403E, A7.7.38)


def at(code: Callable[[int, int], bytes], address: int) -> int:
    """Cycles that the instruction at an address takes less where an IT before it skips it.

    Whether the instruction is skipped is seen when the core arrives there.

    Args:
        code: gives up to a number of bytes of code from an address.
        address: of the instruction.
    """
    for back in range(_BEFORE, 0, -2):
        before = code(address - back, back)
        if len(before) == back:
            break
    else:
        return 0
    if _IT not in before[1::2]:
        return 0
    return _less(before + code(address, _REST), len(before))


@lru_cache(maxsize=4096)
def _less(code: bytes, place: int) -> int:
    """What the instruction at `place` of `code` takes less; 0 where it stands behind no IT."""
    for begin in range(place - 2, max(place - _FARTHEST, 0) - 1, -2):
        found = _less_behind(code, begin, place)
        if found is not None:
            return found
    return 0


def _less_behind(code: bytes, begin: int, place: int) -> int | None:
    """As `_less`, for an IT at `begin`; None where it is none, or is not for that instruction."""
    if code[begin + 1] != _IT or not _begins(code, begin):
        return None
    it = thumb(code[begin : begin + 2])
    if not it.it_length:
        return None
    tracker = SkipTracker(STM32L4)
    tracker.step(it, begin, False)
    before, here, less = it, begin + it.size, None
    for _ in range(it.it_length):
        this = _instruction(code, here)
        if this is None:
            break
        cycles = tracker.step(this, here, overlaps_load(this, before))
        less = cycles if here == place else less
        before = this
        here += this.size
    return less if less is None or tracker.skips else 0


def _begins(code: bytes, place: int) -> bool:
    """Whether an instruction begins at `place`; else it is the second half of one.

    A halfword that cannot be the first of two ends an instruction; those behind it come in pairs.
    """
    first = place
    while first >= 2 and size_of(code[first - 2 : first]) == 4:
        first -= 2
    return (place - first) % 4 == 0


def _instruction(code: bytes, place: int) -> Thumb | None:
    encoded = code[place : place + size_of(code[place : place + 2])]
    return thumb(encoded) if len(encoded) >= 2 else None
