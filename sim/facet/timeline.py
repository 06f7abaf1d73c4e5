"""Virtual time: planned events, and running a core up to a point in time.

Time is an integer of picoseconds. It advances by the core's cycles at the core's clock while the
core runs, and jumps from event to event while the core waits. Nothing here reads the host's clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from facet.clock import ClockSignal
from facet.time import NEVER, PS_PER_S, ZERO, Time


class Event:
    """Something that will happen at `at`; `cancel` takes it back."""

    __slots__ = ("action", "at", "cancelled", "name")

    def __init__(self, at: Time, action: Callable[[], None], name: str) -> None:
        self.at = at
        self.action = action
        self.name = name
        self.cancelled = False

    def cancel(self) -> None:
        """The event will not fire; harmless when it already has."""
        self.cancelled = True


class EventQueue:
    """Events in the order of their time; those of the same time in the order of planning."""

    def __init__(self) -> None:
        self._heap: list[tuple[Time, int, Event]] = []
        self._made = 0
        self.on_change: Callable[[], None] = lambda: None
        """Called when an event was added: the core's deadline may have moved nearer."""

    def at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for the time `at`; `name` is for traces."""
        event = Event(at, action, name)
        self._made += 1
        heapq.heappush(self._heap, (at, self._made, event))
        self.on_change()
        return event

    def next_time(self) -> Time:
        """The time of the next event; `NEVER` when none is planned."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else NEVER

    def pop_due(self, now: Time) -> Event | None:
        """Takes the first event whose time has come, or None."""
        if self.next_time() > now:
            return None
        return heapq.heappop(self._heap)[2]


class Stop(Enum):
    """The reason for which a core returned control."""

    DEADLINE = "deadline"  # the cycle to run to has come, or an event may be due
    WAIT = "wait"  # the core waits for an interrupt (WFI) or an event (WFE)
    LOCKUP = "lockup"  # the core is locked up; only a reset helps


@dataclass(frozen=True)
class ClockState:
    """A stretch of time over which the core's clock runs at one frequency.

    Attributes:
        cycles: the core's cycle count at its begin.
        at: its begin.
        hz: the clock.
    """

    cycles: int
    at: Time
    hz: int


class TimedCore(Protocol):
    """The interface of a core for the timeline."""

    @property
    def cycles(self) -> int:
        """Core cycles since power-on in which the core was awake."""

    @property
    def can_run(self) -> bool:
        """Whether the core executes, or an interrupt or event ends its wait."""

    def end_wait(self) -> None:
        """Ends the wait of a core that can run; uses up the event that ended it."""

    def run(self, until_cycle: int) -> Stop:
        """Runs up to the cycle `until_cycle` or a little over, to the end of a basic block."""

    def reconsider(self) -> None:
        """Makes `run` return at the next basic block: called when an event was planned."""


class SleepPolicy(Protocol):
    """The board's actions when its core stops and when it resumes."""

    def core_stopped(self, stop: Stop) -> None:
        """The core waits or is locked up: time jumps from event to event from now on."""

    def core_wakes(self) -> Time:
        """The wait ends: how long until the core executes its next instruction."""


class Timeline:
    """Virtual time since power-on, and the loop that advances it.

    The timeline begins on hold, at time 0, without a core. `drive` gives it one, `release` lets
    the core run.
    """

    def __init__(self) -> None:
        self.events = EventQueue()
        self._anchor = ZERO  # a time, and the core's cycle count at that time
        self._anchor_cycles = 0
        self._held = True
        self._hz = 0
        self._stopping = False
        self._interjection: Callable[[], None] | None = None
        self.on_release: Callable[[ClockState], None] = lambda _state: None
        """Called when the core's cycles begin to advance time, as after a sleep or a change of the
        clock."""

    def drive(self, core: TimedCore, clock: ClockSignal, policy: SleepPolicy) -> None:
        """Chooses the core whose cycles advance time.

        Args:
            core: the core.
            clock: its clock.
            policy: called when the core stops and when it resumes.
        """
        self._core, self._clock, self._policy = core, clock, policy
        self.events.on_change = core.reconsider
        clock.subscribe(self._clock_changed)

    # -- time
    @property
    def now(self) -> Time:
        """Virtual time since power-on."""
        if self._held:
            return self._anchor
        spent = self._core.cycles - self._anchor_cycles
        return Time(int(self._anchor) + spent * PS_PER_S // self._hz)

    def schedule(self, delay: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for `delay` from now."""
        return self.events.at(self.now + delay, action, name)

    def schedule_at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for the time `at`."""
        return self.events.at(at, action, name)

    # -- the core's clock
    def hold(self, span: Time = ZERO) -> None:
        """Stops counting the core's cycles: time stands `span` from now and then jumps."""
        self._anchor = self.now + span
        self._held = True

    def release(self) -> None:
        """Counts the core's cycles at its clock from now on."""
        self._anchor_cycles = self._core.cycles
        self._hz = self._clock.hz
        self._held = False
        self.on_release(self.clock_state)

    @property
    def clock_state(self) -> ClockState:
        """Where the core's clock began to run as it does now."""
        return ClockState(self._anchor_cycles, self._anchor, self._hz)

    def _clock_changed(self) -> None:
        if not self._held:
            self.hold()
            self.release()
            self._core.reconsider()  # the cycle to run to was computed for the old frequency

    # -- running
    def interject(self, action: Callable[[], None]) -> None:
        """Runs `action` before the core's next instruction, after the events that are due."""
        self._interjection = action
        self._core.reconsider()

    def stop(self) -> None:
        """Makes `run` return at the next chance; called from a callback or from another thread.

        A call from another thread has no effect where it comes just before the core begins to run.
        """
        self._stopping = True
        self._core.reconsider()

    def run(self, until: Time) -> None:
        """Runs to the virtual time `until`, or until `stop` is called."""
        self._stopping = False
        while not self._stopping:
            now = self.now
            event = self.events.pop_due(now)
            if event is not None:
                event.action()
            elif self._interjection is not None:
                action, self._interjection = self._interjection, None
                action()
            elif now >= until:
                return
            else:
                self._advance(min(self.events.next_time(), until))

    def _advance(self, limit: Time) -> None:
        if self._held:
            if self._core.can_run:
                self._core.end_wait()
                self.hold(self._policy.core_wakes())
                self.release()
            else:
                self._anchor = limit
            return
        ahead = (limit - self._anchor) * self._hz
        stop = self._core.run(self._anchor_cycles + -(-ahead // PS_PER_S))
        if stop is not Stop.DEADLINE and self._interjection is None:
            self.hold()
            self._policy.core_stopped(stop)
