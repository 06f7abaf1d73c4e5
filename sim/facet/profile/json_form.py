"""Profiles as JSON files: written, and read back for a comparison."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from facet.errors import FacetError
from facet.files import read_json
from facet.profile.operators import OperatorCost
from facet.profile.result import Profile

FORMAT: Final = 1
"""The version of the form; a file of another one is refused."""


def as_json(profile: Profile) -> bytes:
    """The file's bytes; the same for the same run."""
    content: dict[str, Any] = {
        "profile_format": FORMAT,
        "run": profile.run,
        "cycles": profile.cycles,
        "instructions": profile.instructions,
        "seconds": profile.seconds,
        "unaccounted": profile.unaccounted,
        "accuracy": profile.accuracy,
        "causes": profile.causes,
        "phases": [asdict(phase) for phase in profile.phases],
        "operators": [_operator(operator) for operator in profile.operators],
        "interrupts": [asdict(interrupt) for interrupt in profile.interrupts],
        "threads": [asdict(thread) for thread in profile.threads],
        "stacks": [asdict(stack) for stack in profile.stacks],
        "functions": [asdict(function) for function in profile.functions],
        "calls": [asdict(call) for call in profile.calls],
        "lines": [asdict(line) for line in profile.lines],
        "memory": profile.memory,
        "arena": profile.arena,
        "notes": profile.notes,
    }
    lines = (f"{json.dumps(key)}: {_item(value)}" for key, value in content.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _operator(operator: OperatorCost) -> dict[str, Any]:
    per_mac = operator.cycles_per_mac
    return {
        "index": operator.index,
        "name": operator.name,
        "output_shape": list(operator.output_shape),
        "macs": operator.macs,
        "kernel": operator.kernel,
        "runs": operator.runs,
        "cycles": operator.cycles,
        "cycles_per_mac": None if per_mac is None else round(per_mac, 4),
        "causes": operator.causes,
    }


def _item(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n " + ",\n ".join(json.dumps(entry) for entry in value) + "\n]"
    if isinstance(value, dict) and any(isinstance(entry, dict | list) for entry in value.values()):
        entries = (f" {json.dumps(key)}: {_item(entry)}" for key, entry in value.items())
        return "{\n" + ",\n".join(entries) + "\n}"
    return json.dumps(value)


def read_profile(path: Path) -> Mapping[str, Any]:
    """A profile's file as plain data.

    Raises:
        FacetError: it cannot be read, is not a profile, or is one of another form.
    """
    data = read_json(path)
    if not isinstance(data, dict) or "profile_format" not in data:
        raise FacetError(f"{path} is not a profile: give the profile.json of `facet profile`")
    if data["profile_format"] != FORMAT:
        raise FacetError(
            f"{path} is a profile of form {data['profile_format']}, this Facet writes and reads "
            f"{FORMAT}: measure it again with this version"
        )
    problem = _problem(data)
    if problem is not None:
        raise FacetError(f"{path} is damaged: {problem}; measure it again with `facet profile`")
    return data


def _problem(data: Mapping[str, Any]) -> str | None:
    """What a profile cannot have; None if nothing was found."""
    if not isinstance(data.get("run"), dict):
        return "'run' is missing or is not an object"
    if not isinstance(data.get("cycles"), int):
        return "'cycles' is missing or is not a whole number"
    accuracy = data.get("accuracy")
    if accuracy is not None and not isinstance(accuracy, int | float):
        return "'accuracy' is not a number"
    for key, value in data.items():
        if key != "run" and (wrong := _wrong_number(value)) is not None:
            return f"{key!r} has {wrong}"
    return None


def _wrong_number(value: Any) -> float | None:
    """The first number of a value that is below 0, infinite or not a number."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return next((wrong for entry in value if (wrong := _wrong_number(entry)) is not None), None)
    is_wrong = isinstance(value, int | float) and not 0 <= value < math.inf
    return value if is_wrong else None
