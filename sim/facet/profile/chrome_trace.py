"""A run's timeline in the form that Perfetto and Chrome's tracing read.

Form: "Trace Event Format", the JSON object form with complete events ("X") and metadata ("M").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from facet.profile.timeline import Slice
from facet.time import PS_PER_S, Time
from facet.trace import Span

_CORE, _PARTS = 1, 2
_GRID_PER_US: Final = 8
_GRID_PS: Final = PS_PER_S // 1_000_000 // _GRID_PER_US
"""Times are rounded down to eighths of a microsecond, 125 ns. They are exact as floating-point
numbers of microseconds and as integers of nanoseconds, in which viewers calculate: slices that nest
still nest there. Each slice of the core has its exact cycles beside it."""


def as_chrome_trace(
    slices: Sequence[Slice], states: Mapping[str, Sequence[Span]], title: str
) -> bytes:
    """The file's bytes; times are virtual, in microseconds.

    Args:
        slices: what the core ran.
        states: of the microcontroller and the parts over the run, by name.
        title: of the board and its firmware.
    """
    events: list[dict[str, Any]] = [_named(_CORE, "process_name", f"core: {title}")]
    tracks: dict[str, int] = {}
    for part in slices:
        tracks.setdefault(part.track, len(tracks) + 1)
    events += [_named(_CORE, "thread_name", track, tid) for track, tid in tracks.items()]
    events += [
        _named(_CORE, "thread_sort_index", tid, tid, "sort_index") for tid in tracks.values()
    ]
    events.append(_named(_PARTS, "process_name", "states"))
    for tid, (part_name, spans) in enumerate(states.items(), start=1):
        events.append(_named(_PARTS, "thread_name", part_name, tid))
        events += [
            {
                "ph": "X",
                "pid": _PARTS,
                "tid": tid,
                "cat": "state",
                "name": span.state.text,
                **_times(span.begin, span.end),
            }
            for span in spans
        ]
    events += [
        {
            "ph": "X",
            "pid": _CORE,
            "tid": tracks[part.track],
            "cat": part.kind,
            "name": part.name,
            **_times(part.begin, part.end),
            "args": {"cycles": part.cycles},
        }
        for part in slices
    ]
    head = '{"displayTimeUnit":"ns","traceEvents":[\n'
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in events)
    return (head + lines + "\n]}\n").encode()


def _named(
    pid: int, what: str, value: str | int, tid: int | None = None, key: str = "name"
) -> dict[str, Any]:
    event: dict[str, Any] = {"ph": "M", "pid": pid, "name": what, "args": {key: value}}
    return event if tid is None else {**event, "tid": tid}


def _times(begin: Time, end: Time) -> dict[str, float]:
    first, last = int(begin) // _GRID_PS, int(end) // _GRID_PS
    return {"ts": first / _GRID_PER_US, "dur": (last - first) / _GRID_PER_US}
