"""The queue of what happens next on the board, in virtual time."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from facet.time import NEVER, Time


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
    """Events in the order of their time; those of the same time in the order they were made."""

    def __init__(self) -> None:
        self._heap: list[tuple[Time, int, Event]] = []
        self._made = 0
        self.on_change: Callable[[], None] = lambda: None
        """Called when an event was added: the engine's deadline may have moved nearer."""

    def at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for the time `at`; `name` is for traces."""
        event = Event(at, action, name)
        self._made += 1
        heapq.heappush(self._heap, (at, self._made, event))
        self.on_change()
        return event

    def next_time(self) -> Time:
        """When the next event is due; `NEVER` when none is planned."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else NEVER

    def pop_due(self, now: Time) -> Event | None:
        """Takes the first event whose time has come, or None."""
        if self.next_time() > now:
            return None
        return heapq.heappop(self._heap)[2]
