"""Virtual time: a point or a span on the simulated board's clock, in whole picoseconds.

An integer, so that a run is the same on every machine: 1 ps divides the period of every clock
that the boards use (80 MHz is 12,500 ps) or errs by less than 1e-6 of it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

PS_PER_S = 1_000_000_000_000


class Time(int):
    """A time in whole picoseconds: since power was applied, or a span.

    >>> ms(2) + us(500)
    Time(2500.000 us)
    """

    __slots__ = ()

    def __add__(self, other: int) -> Time:
        return Time(int.__add__(self, other))

    __radd__ = __add__

    def __sub__(self, other: int) -> Time:
        return Time(int.__sub__(self, other))

    def __mul__(self, factor: int) -> Time:
        return Time(int.__mul__(self, factor))

    __rmul__ = __mul__

    @property
    def in_us(self) -> float:
        """The span in microseconds, as a float for output."""
        return self / 1e6

    @property
    def in_ms(self) -> float:
        """The span in milliseconds, as a float for output."""
        return self / 1e9

    @property
    def in_s(self) -> float:
        """The span in seconds, as a float for output."""
        return self / PS_PER_S

    def __repr__(self) -> str:
        return f"Time({self.in_us:.3f} us)"

    def __str__(self) -> str:
        return f"{self // 1_000_000_000:d}.{self // 1_000_000 % 1000:03d} ms"


ZERO = Time(0)
NEVER = Time(1 << 62)  # about 53 virtual days: later than any run


def ns(value: float) -> Time:
    """A span of `value` nanoseconds."""
    return Time(round(value * 1_000))


def us(value: float) -> Time:
    """A span of `value` microseconds."""
    return Time(round(value * 1_000_000))


def ms(value: float) -> Time:
    """A span of `value` milliseconds."""
    return Time(round(value * 1_000_000_000))


def s(value: float) -> Time:
    """A span of `value` seconds."""
    return Time(round(value * PS_PER_S))


def of_ticks(ticks: int, hz: int) -> Time:
    """The first whole picosecond at which `ticks` periods of a clock of `hz` hertz are over."""
    return Time(-(-ticks * PS_PER_S // hz))


LONGEST_SPAN_d: Final = 50
"""The longest span that `parse` takes, in days; ``NEVER`` is 53 days."""

_PS_PER_UNIT: Final = {
    "d": 86_400 * PS_PER_S,
    "h": 3_600 * PS_PER_S,
    "min": 60 * PS_PER_S,
    "s": PS_PER_S,
    "ms": PS_PER_S // 1_000,
    "us": PS_PER_S // 1_000_000,
    "µs": PS_PER_S // 1_000_000,
    "ns": PS_PER_S // 1_000_000_000,
}

_NUMBER: Final = r"(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:e[+-]?[0-9]{1,2})?"
_TERM: Final = re.compile(rf"\s*({_NUMBER})\s*([a-zµ]+)\s*")


def parse(text: str) -> Time:
    """Reads a span as a person writes it: ``250ms``, ``1.5h``, ``1h30min``, ``2d``.

    Units are d, h, min, s, ms, us and ns; several are added up, the larger unit first. The result
    is exact, rounded to whole picoseconds.

    Raises:
        ValueError: the text is not a span, or it is longer than ``LONGEST_SPAN_d`` days.
    """
    total, place, last = Fraction(0), 0, None
    while place < len(text) or last is None:
        term = _TERM.match(text, place)
        if term is None or term[2] not in _PS_PER_UNIT:
            raise ValueError(
                f"{text!r} is not a span of time: write for example 250ms, 10s, 30min, 1.5h, "
                "1h30min or 2d (units: d, h, min, s, ms, us, ns)"
            )
        unit = _PS_PER_UNIT[term[2]]
        if last is not None and unit >= last:
            raise ValueError(
                f"{text!r} is not a span of time: write each unit once, the larger first, as in "
                "1h30min"
            )
        total += Fraction(term[1]) * unit
        place, last = term.end(), unit
    if total > LONGEST_SPAN_d * _PS_PER_UNIT["d"]:
        raise ValueError(f"the span {text!r} is too long: at most {LONGEST_SPAN_d}d are simulated")
    return Time(round(total))
