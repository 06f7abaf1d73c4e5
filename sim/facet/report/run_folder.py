"""The folder with a run's results: log, figures, faces."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facet.dataset.frame import Frame
from facet.evaluation.results import Summary
from facet.files import write_files
from facet.report.faces_png import faces_png
from facet.target.bench import Bench
from facet.trace import merged


def write_run(
    folder: Path,
    bench: Bench,
    frames: Sequence[Frame],
    summary: Summary,
    about: Mapping[str, Any],
) -> None:
    """Writes ``uart.log``, ``results.json`` and ``faces.png``; other files there stay.

    Nothing in them depends on when or where the run took place: the same run gives the same bytes.

    Args:
        folder: made where it is missing.
        bench: after the run.
        frames, summary: what was shown, and the results.
        about: what was run and on which data (board, firmware, data set, split ...).

    Raises:
        FacetError: they cannot be written; nothing is changed then.
    """
    results = {
        **about,
        "engine": bench.core.engine,
        "cycle_count": bench.core.cycle_count,
        **summary.as_json(),
        "virtual_time_us": round(bench.now.in_us, 3),
        "states": _states(bench),
        "violations": [str(violation) for violation in bench.violations],
        "not_modelled": [str(violation) for violation in bench.not_modelled],
        "decisions": [outcome.as_json() for outcome in summary.outcomes],
    }
    write_files(
        folder,
        {
            "uart.log": bench.console.data,
            "results.json": as_json(results),
            "faces.png": faces_png(frames, summary.outcomes),
        },
    )


def as_json(value: Mapping[str, Any]) -> bytes:
    """A JSON file's bytes: a line for each key, and one for each entry of a list of objects."""
    lines = [f"{json.dumps(key)}: {_item(entry)}" for key, entry in value.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _item(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return "[\n " + ",\n ".join(json.dumps(entry) for entry in value) + "\n]"
    return json.dumps(value)


def _states(bench: Bench) -> dict[str, dict[str, dict[str, float]]]:
    """Part -> state, as its text -> number of stays and their time in all."""
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for part in bench.states.parts:
        states = summary.setdefault(part, {})
        for span in merged(bench.states.spans(part)):
            entry = states.setdefault(span.state.text, {"stays": 0, "us": 0.0})
            entry["stays"] += 1
            entry["us"] = round(entry["us"] + span.length.in_us, 3)
    return summary
