"""Clock signals: an oscillator's or a bus's frequency over virtual time."""

from __future__ import annotations

from collections.abc import Callable

from facet.time import NEVER, PS_PER_S, ZERO, Time

LIMIT_TOLERANCE = 1_000
"""A limit is exceeded by more than one part in so many.

Data sheets give limits for nominal frequencies. An oscillator that locks to another one misses its
nominal frequency: MSI locked to LSE runs at 48.005 MHz and 3.998 MHz (DS10198, MSI characteristics,
PLL mode), and a crystal is off by some 50 ppm.
"""


def exceeds(hz: int, limit_hz: int) -> bool:
    """Whether `hz` is above the limit `limit_hz`, by more than oscillators differ from nominal."""
    return hz * LIMIT_TOLERANCE > limit_hz * (LIMIT_TOLERANCE + 1)


def falls_below(hz: int, limit_hz: int) -> bool:
    """Whether `hz` is below the limit `limit_hz`, by more than oscillators differ from nominal."""
    return hz * LIMIT_TOLERANCE < limit_hz * (LIMIT_TOLERANCE - 1)


class ClockSignal:
    """One clock net, such as HCLK or LSE, whose frequency changes as the firmware sets it.

    Ticks are counted on across changes, so that a timer that hangs on the signal keeps its place.

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
        """Calls `listener` after each change of the frequency, to plan its events anew."""
        self._listeners.append(listener)

    def set_hz(self, hz: int) -> None:
        """The signal runs at `hz` from now on; 0 stops it."""
        if hz == self.hz:
            return
        now = self._now()
        self._ticks = self.ticks(now)
        self._since = now
        self.hz = hz
        for listener in self._listeners:
            listener()

    def ticks(self, at: Time | None = None) -> int:
        """Rising edges up to `at` (now, when None)."""
        at = self._now() if at is None else at
        return self._ticks + (at - self._since) * self.hz // PS_PER_S

    def time_of(self, tick: int) -> Time:
        """When the tick numbered `tick` will come at the present frequency; NEVER if stopped."""
        if self.hz == 0:
            return NEVER
        return Time(self._since + -(-(tick - self._ticks) * PS_PER_S // self.hz))

    def after(self, ticks: int) -> Time:
        """The time `ticks` edges from now."""
        return self.time_of(self.ticks() + ticks)
