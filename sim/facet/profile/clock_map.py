"""From the core's cycle count to virtual time."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from facet.time import PS_PER_S, Time
from facet.timeline import ClockState


class ClockMap:
    """The core's clock over a run.

    Args:
        states: stretches at one frequency, in their order.
    """

    def __init__(self, states: Sequence[ClockState]) -> None:
        self._states = [state for state in states if state.hz]
        self._cycles = [state.cycles for state in self._states]

    def begin_of(self, half_cycles: int) -> Time:
        """When what begins at a count began: after a sleep at this count."""
        return self._time(bisect.bisect_right(self._cycles, half_cycles // 2) - 1, half_cycles)

    def end_of(self, half_cycles: int) -> Time:
        """When what ends at a count ended: before a sleep at this count."""
        return self._time(bisect.bisect_left(self._cycles, -(-half_cycles // 2)) - 1, half_cycles)

    def _time(self, place: int, half_cycles: int) -> Time:
        if not self._states:
            return Time(0)
        state = self._states[max(place, 0)]
        ahead = half_cycles - 2 * state.cycles
        return Time(max(state.at + ahead * PS_PER_S // (2 * state.hz), 0))
