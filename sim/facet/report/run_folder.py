"""The folder that a run leaves: its log, its results, its faces."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facet.dataset.frame import Frame
from facet.evaluation.results import Summary
from facet.files import write_files
from facet.report.faces_png import faces_png
from facet.report.provenance import sha256_of
from facet.target.bench import Bench
from facet.trace import merged


def write_run(
    folder: Path,
    bench: Bench,
    frames: Sequence[Frame],
    summary: Summary,
    boot: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> None:
    """Writes ``uart.log``, ``results.json`` and ``faces.png``; other files there stay.

    Nothing in them depends on when or where the run took place: the same run gives the same bytes.

    Args:
        folder: made where it is missing.
        bench: after the run.
        frames, summary: what was shown, and what came of it.
        boot: the device's boot message.
        settings: what the run was asked for (data set, split, seed ...).

    Raises:
        FacetError: they cannot be written; nothing is changed then.
    """
    results = {
        "board": bench.board.name,
        "firmware": boot.get("firmware"),
        "firmware_sha256": sha256_of(bench.target.firmware) if bench.target.firmware else None,
        "model": boot.get("model"),
        "model_sha256": boot.get("model_sha256"),
        **settings,
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
