"""A model's card: what it is, what it learnt from, what it costs, how good it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.data import Examples
from models.evaluate import Quality, quality
from models.graph import Graph
from models.tflm import HostModel

TRAINED: Final = Path(__file__).parent / "trained"
"""Where a model and its card lie: NAME.tflite and NAME.json."""


def cost(model: bytes) -> dict[str, Any]:
    """What a model costs: all computed from the file."""
    graph = Graph(model)
    return {
        "file_bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
        "parameters": graph.parameters,
        "macs": graph.macs,
        "operators": [
            {"operator": op.name, "output": list(op.output_shape), "macs": op.macs}
            for op in graph.operators
        ],
        "peak_activation_bytes": graph.peak_activation_bytes,
    }


def int8_quality(model: HostModel, examples: Examples) -> Quality:
    """Quality of the int8 model's answers on labelled examples."""
    answers = model.scores_of(examples.images).argmax(axis=1)
    return quality(examples.classes, answers.astype(np.int64), examples.targets.shape[1])


def summary(result: Quality, digits: int = 4) -> dict[str, Any]:
    """A ``Quality`` for a card, rounded to what so many frames can tell."""
    return {
        **asdict(result),
        "accuracy": round(result.accuracy, digits),
        "macro_f1": round(result.macro_f1, digits),
    }


def recall_by_class(result: Quality, labels: tuple[str, ...]) -> dict[str, float]:
    """Share of each class's frames that were recognised."""
    return {
        label: round(row[i] / max(sum(row), 1), 4)
        for i, (label, row) in enumerate(zip(labels, result.confusion, strict=True))
    }


def write_model(folder: Path, name: str, model: bytes, card: Mapping[str, Any]) -> None:
    """Write NAME.tflite and NAME.json, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    for path, data in (
        (folder / f"{name}.tflite", model),
        (folder / f"{name}.json", text.encode()),
    ):
        half_written = path.with_name(path.name + ".tmp")
        half_written.write_bytes(data)
        half_written.replace(path)
