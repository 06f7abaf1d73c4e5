"""Who was in which state when: the chip's sleep modes, the camera's power, pins' levels."""

from __future__ import annotations

from dataclasses import dataclass

from facet.time import ZERO, Time


@dataclass(frozen=True)
class Change:
    """`subject` is in `state` from `at` on."""

    at: Time
    subject: str
    state: str


@dataclass(frozen=True)
class Span:
    """A stay in one state."""

    begin: Time
    end: Time
    state: str

    @property
    def length(self) -> Time:
        """How long it lasted."""
        return self.end - self.begin


class StateTrace:
    """The states of all parts over virtual time."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._present: dict[str, str] = {}

    def record(self, at: Time, subject: str, state: str) -> None:
        """Notes a state; one that is no change is left out."""
        if self._present.get(subject) != state:
            self._present[subject] = state
            self.changes.append(Change(at, subject, state))

    def present(self, subject: str) -> str | None:
        """The state that `subject` is in, or None before its first."""
        return self._present.get(subject)

    def spans(self, subject: str, until: Time, since: Time = ZERO) -> list[Span]:
        """The stays of `subject` between `since` and `until`, cut at both."""
        spans = []
        mine = [change for change in self.changes if change.subject == subject]
        for change, following in zip(mine, [*mine[1:], None], strict=True):
            begin = max(change.at, since)
            end = min(following.at if following else until, until)
            if end > begin:
                spans.append(Span(begin, end, change.state))
        return spans
