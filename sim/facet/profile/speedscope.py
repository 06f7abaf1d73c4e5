"""A profile in the form of speedscope (https://www.speedscope.app/file-format-schema.json)."""

from __future__ import annotations

import json
from typing import Any

from facet.profile.frames import Frame, stacks


def as_speedscope(threads: list[Frame], title: str, exporter: str) -> bytes:
    """The file's bytes: a profile for each thread, a sample for each stack, weighted by cycles.

    Args:
        threads: trees of calls.
        title: of the file.
        exporter: the program that wrote it, with its version.
    """
    numbers: dict[tuple[str, str], int] = {}
    profiles: list[dict[str, Any]] = []
    for thread in threads:
        samples: list[list[int]] = []
        weights: list[int] = []
        for path, cycles in stacks(thread):
            frames = path[1:] or path  # the profile's name says the thread
            samples.append([_number(numbers, frame) for frame in frames])
            weights.append(cycles)
        profiles.append(
            {
                "type": "sampled",
                "name": thread.name,
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        )
    content = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "name": title,
        "exporter": exporter,
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(name, file) for name, file in numbers]},
        "profiles": profiles,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _number(numbers: dict[tuple[str, str], int], frame: Frame) -> int:
    return numbers.setdefault((frame.name, frame.file), len(numbers))


def _frame(name: str, file: str) -> dict[str, Any]:
    path, _, line = file.rpartition(":")
    return {"name": name, "file": path, "line": int(line)} if path else {"name": name}
