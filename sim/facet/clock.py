"""Clock signals: an oscillator's or a bus's frequency over virtual time."""

from __future__ import annotations

from collections.abc import Callable

from facet.time import NEVER, PS_PER_S, ZERO, Time

LIMIT_TOLERANCE = 1_000
"""The reciprocal of the tolerance of a limit of frequency.

Data sheets give limits for nominal frequencies. An oscillator that locks to another one differs
from its nominal frequency: MSI locked to LSE runs at 48.005 MHz and 3.998 MHz (DS10198, MSI
characteristics, PLL mode), and a crystal differs by about 50 ppm.
"""


def exceeds(hz: int, limit_hz: int) -> bool:
    """Whether `hz` is above the limit `limit_hz` by more than the tolerance."""
    return hz * LIMIT_TOLERANCE > limit_hz * (LIMIT_TOLERANCE + 1)


def falls_below(hz: int, limit_hz: int) -> bool:
    """Whether `hz` is below the limit `limit_hz` by more than the tolerance."""
    return hz * LIMIT_TOLERANCE < limit_hz * (LIMIT_TOLERANCE - 1)


class ClockSignal:
    """A clock net, such as HCLK or LSE, whose frequency the firmware changes.

    The count of ticks continues across changes, so that timers of the signal keep their position.

    Args:
        name: the net's name in the reference manual's clock tree.
        now: gives the board's virtual time.
    """

    def __init__(self, name: str, now: Callable[[], Time]) -> None:
        self.name = name
        self.hz = 0
        self._now = now
        self._since = ZERO
        self._ticks = 0
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after each change of the frequency."""
        self._listeners.append(listener)

    def set_hz(self, hz: int) -> None:
        """Changes the frequency to `hz`; 0 stops the signal."""
        if hz == self.hz:
            return
        now = self._now()
        self._ticks = self.ticks(now)
        self._since = now
        self.hz = hz
        for listener in self._listeners:
            listener()

    def ticks(self, at: Time | None = None) -> int:
        """The number of rising edges up to `at`, or up to now where that is None."""
        at = self._now() if at is None else at
        return self._ticks + (at - self._since) * self.hz // PS_PER_S

    def time_of(self, tick: int) -> Time:
        """The time of the tick `tick` at the present frequency; NEVER where it is 0."""
        if self.hz == 0:
            return NEVER
        return Time(self._since + -(-(tick - self._ticks) * PS_PER_S // self.hz))

    def after(self, ticks: int) -> Time:
        """The time `ticks` edges from now."""
        return self.time_of(self.ticks() + ticks)
