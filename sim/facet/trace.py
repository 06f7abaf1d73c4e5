"""The states of all parts over virtual time."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from typing import TypeAlias

from facet.state import State
from facet.time import ZERO, Time

StateListener: TypeAlias = Callable[[Time, str, State], None]
"""Called with a time, a part's name and the state in which the part is from then on."""


@dataclass(frozen=True, slots=True)
class Change:
    """The part `subject` is in `state` from `at` on."""

    at: Time
    subject: str
    state: State


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that a part spends in one state."""

    begin: Time
    end: Time
    state: State

    @property
    def length(self) -> Time:
        """Its duration."""
        return self.end - self.begin


class _Track:
    """The changes of one part, in columns: 12 bytes a change, each distinct state stored once."""

    __slots__ = (
        "_durations",
        "_number_of",
        "_number_of_object",
        "_numbers",
        "_states",
        "_times",
    )

    def __init__(self) -> None:
        self._times = array("q")  # picoseconds; 2^63 are 106 days, `NEVER` is 53
        self._numbers = array("I")  # of the states, as indices into `_states`
        self._states: list[State] = []
        self._number_of: dict[State, int] = {}
        self._number_of_object: dict[int, int] = {}  # by id(): a state's hash takes long
        self._durations: list[int] = []  # by state, of all spans but the one that is under way

    def record(self, at: Time, state: State) -> bool:
        """Adds a change; returns False when the part is in `state` already."""
        number = self._number_of_object.get(id(state))
        if number is None:
            number = self._number(state)
        if self._times:
            if self._numbers[-1] == number:
                return False
            if self._times[-1] == at:  # a state that lasted no time leaves no span
                self._times.pop()
                self._numbers.pop()
                if self._numbers:
                    self._durations[self._numbers[-1]] -= at - self._times[-1]
                    if self._numbers[-1] == number:
                        return True
            if self._times:
                self._durations[self._numbers[-1]] += at - self._times[-1]
        self._times.append(at)
        self._numbers.append(number)
        return True

    def _number(self, state: State) -> int:
        """The number of a state that equals `state`; it is added if there is none."""
        number = self._number_of.get(state)
        if number is None:
            number = self._number_of[state] = len(self._states)
            self._number_of_object[id(state)] = number  # which `_states` keeps alive
            self._states.append(state)
            self._durations.append(0)
        return number

    @property
    def present(self) -> State:
        return self._states[self._numbers[-1]]

    def changes(self, subject: str) -> Iterator[Change]:
        for at, number in zip(self._times, self._numbers, strict=True):
            yield Change(Time(at), subject, self._states[number])

    def spans(self, until: Time, since: Time) -> Iterator[Span]:
        last = len(self._times) - 1
        for index in range(max(bisect_right(self._times, since) - 1, 0), last + 1):
            begin = max(self._times[index], since)
            end = min(self._times[index + 1], until) if index < last else until
            if begin >= until:
                return
            if end > begin:
                yield Span(Time(begin), Time(end), self._states[self._numbers[index]])

    def durations(self, until: Time) -> dict[State, Time]:
        totals = dict(zip(self._states, self._durations, strict=True))
        totals[self.present] += until - self._times[-1]
        return {state: Time(total) for state, total in totals.items() if total}


class StateTrace:
    """Records the state of each part, from power-on."""

    def __init__(self) -> None:
        self._tracks: dict[str, _Track] = {}
        self._listeners: list[StateListener] = []

    def record(self, at: Time, subject: str, state: State) -> None:
        """Notes that `subject` is in `state` from `at` on.

        Args:
            at: not before the latest change of the same part.
            subject: the part's name.
            state: one that equals the present state is left out.
        """
        track = self._tracks.get(subject)
        if track is None:
            track = self._tracks[subject] = _Track()
        if track.record(at, state):
            for listener in self._listeners:
                listener(at, subject, state)

    def subscribe(self, listener: StateListener) -> None:
        """Calls `listener` with each change from now on, for what integrates during the run."""
        self._listeners.append(listener)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The parts that have reported a state, in the order of their first report."""
        return tuple(self._tracks)

    def present(self, subject: str) -> State | None:
        """The state that `subject` is in, or None before its first."""
        track = self._tracks.get(subject)
        return None if track is None else track.present

    def changes(self) -> Iterator[Change]:
        """All changes of all parts, by time; of the same time, by the parts' first report."""
        tracks = (track.changes(subject) for subject, track in self._tracks.items())
        return merge(*tracks, key=lambda change: change.at)

    def spans(self, subject: str, until: Time, since: Time = ZERO) -> list[Span]:
        """The states of `subject` between `since` and `until`, cut at both ends.

        Neighbours differ in value; `merged` joins those that are alike to a reader.
        """
        track = self._tracks.get(subject)
        return [] if track is None else list(track.spans(until, since))

    def durations(self, subject: str, until: Time) -> dict[State, Time]:
        """The time that `subject` was in each of its states from power-on to `until`.

        Takes no longer for a longer run.

        Args:
            subject: the part's name.
            until: not before the part's latest change.
        """
        track = self._tracks.get(subject)
        return {} if track is None else track.durations(until)


def merged(
    spans: Iterable[Span], key: Callable[[State], object] = lambda state: state.text
) -> list[Span]:
    """Joins neighbouring spans whose states have the same `key`; the first one's state stays.

    Args:
        spans: of one part, by time.
        key: what makes two states alike; by default their texts.
    """
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before is not None and before.end == span.begin and key(before.state) == key(span.state):
            joined[-1] = Span(before.begin, span.end, before.state)
        else:
            joined.append(span)
    return joined
