"""An event at a tick of a clock that may stop or change its frequency before that tick."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices
from facet.clock import ClockSignal
from facet.time import NEVER
from facet.timeline import Event


class TickTimer:
    """Calls `action` once, when `clock` has reached the tick given to `set`.

    Args:
        chip: the event queue.
        clock: the clock that is counted; while it is stopped, the event waits.
        action: what to do.
        name: for traces.
    """

    def __init__(
        self, chip: ChipServices, clock: ClockSignal, action: Callable[[], None], name: str
    ) -> None:
        self._chip = chip
        self._clock = clock
        self._action = action
        self._name = name
        self._tick: int | None = None
        self._event: Event | None = None
        clock.subscribe(self._plan)

    def set(self, tick: int) -> None:
        """Plans the event for the tick `tick`, or for now if that has passed."""
        self._tick = tick
        self._plan()

    def set_after(self, ticks: int) -> None:
        """Plans the event for `ticks` ticks from now."""
        self.set(self._clock.ticks() + ticks)

    def cancel(self) -> None:
        """Cancels the event."""
        self._tick = None
        self._plan()

    def _plan(self) -> None:
        if self._event is not None:
            self._event.cancel()
            self._event = None
        if self._tick is None:
            return
        at = self._clock.time_of(self._tick)
        if at < NEVER:
            self._event = self._chip.schedule_at(max(at, self._chip.now), self._fire, self._name)

    def _fire(self) -> None:
        self._tick = None
        self._event = None
        self._action()
