"""Virtual time: a point or a span on the simulated board's clock, in whole picoseconds.

An integer, so that a run is the same on every machine: 1 ps divides the period of every clock
that the boards use (80 MHz is 12,500 ps) or errs by less than 1e-6 of it.
"""

from __future__ import annotations

PS_PER_S = 1_000_000_000_000


class Time(int):
    """Whole picoseconds since power was applied, or a span of them.

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
        """The same span in microseconds, for people to read."""
        return self / 1e6

    @property
    def in_ms(self) -> float:
        """The same span in milliseconds, for people to read."""
        return self / 1e9

    @property
    def in_s(self) -> float:
        """The same span in seconds, for people to read."""
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


def parse(text: str) -> Time:
    """Reads a span as a person writes it: ``2s``, ``250ms``, ``10us``.

    Raises:
        ValueError: the text has no number or no known unit.
    """
    for suffix, unit in (("ms", ms), ("us", us), ("ns", ns), ("s", s)):
        number = text.strip().removesuffix(suffix)
        if number != text.strip():
            value = float(number)
            if not 0 <= value < 4e6:
                raise ValueError(f"a span of {text!r} is out of range")
            return unit(value)
    raise ValueError(f"{text!r} is no span of time; write for example 2s, 250ms or 10us")
