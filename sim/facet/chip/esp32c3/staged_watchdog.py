"""A watchdog of four stages, as RTC_CNTL and the timer groups have them (TRM, chapter 12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from facet.chip.peripheral import ChipServices
from facet.clock import ClockSignal
from facet.time import NEVER
from facet.timeline import Event

STAGES = 4


class Stage(NamedTuple):
    """One stage: clock ticks until it expires, and what happens then (0: nothing)."""

    ticks: int
    action: int


class StagedWatchdog:
    """Counts through the stages until it is fed.

    Args:
        name: for the event queue.
        chip: the chip's services.
        clock: what it counts.
        stage: the set-up of a stage, by its number.
        expired: called with a stage's action.
    """

    def __init__(
        self,
        name: str,
        chip: ChipServices,
        clock: ClockSignal,
        stage: Callable[[int], Stage],
        expired: Callable[[int], None],
    ) -> None:
        self._name = name
        self._chip = chip
        self._clock = clock
        self._stage = stage
        self._expired = expired
        self._number = 0
        self._due: int | None = None  # tick of the clock; None while it stands still
        self._left: int | None = None  # ticks that were left when it was paused
        self._event: Event | None = None
        clock.subscribe(self._plan)

    @property
    def running(self) -> bool:
        """Whether it counts, or will when its pause ends."""
        return self._due is not None or self._left is not None

    def feed(self) -> None:
        """Starts with stage 0 anew, or for the first time."""
        self._number = 0
        self._enter_stage()

    def stop(self) -> None:
        """Counts no more."""
        self._due = self._left = None
        self._plan()

    def pause(self) -> None:
        """Stands still with what is left of its stage."""
        if self._due is not None:
            self._left, self._due = self._due - self._clock.ticks(), None
            self._plan()

    def resume(self) -> None:
        """Goes on after `pause`."""
        if self._left is not None:
            self._due, self._left = self._clock.ticks() + self._left, None
            self._plan()

    def _enter_stage(self) -> None:
        self._due = self._clock.ticks() + self._stage(self._number).ticks
        self._left = None
        self._plan()

    def _plan(self) -> None:
        if self._event is not None:
            self._event.cancel()
            self._event = None
        if self._due is None:
            return
        at = self._clock.time_of(self._due)
        if at < NEVER:
            self._event = self._chip.schedule_at(
                max(at, self._chip.now), self._stage_over, self._name
            )

    def _stage_over(self) -> None:
        self._event = None
        action = self._stage(self._number).action
        self._number = (self._number + 1) % STAGES
        self._enter_stage()
        if action:
            self._expired(action)
