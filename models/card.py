"""A model's card: what it is, what it learnt from, what it costs, how good it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console

from facet.dataset.labels import EMOTIONS
from facet.files import write_files
from models.arena import arena_bytes
from models.data import Examples
from models.evaluate import (
    Classes,
    EDGE_IMPULSE_THRESHOLD_percent,
    accuracy_with_uncertain,
    auc_one_vs_rest,
    confidence_percent,
    confusion_with_uncertain,
    coverage_curve,
    quality,
    restricted,
)
from models.graph import Graph
from models.judged import FloatPredict, Judged
from models.robustness import DEFAULT_FRAMES, robustness
from models.tflm import host_model, outputs_of

TRAINED: Final = Path(__file__).parent / "trained"
"""Where a model and its card lie: NAME.tflite and NAME.json."""

_DIGITS: Final = 4
"""A card's figures are rounded to what so many frames can tell."""

_LINE: Final = 120
"""Columns of a card's file; what fits into a line stands in one."""


def build_card(
    name: str,
    labels: Sequence[str],
    model: bytes,
    float_predict: FloatPredict | None,
    sets: Mapping[str, Examples],
    training: Mapping[str, Any],
    *,
    folds: Mapping[str, Sequence[Judged]] | None = None,
    robustness_set: str | None = None,
    robustness_frames: int = DEFAULT_FRAMES,
    jobs: int = 1,
    console: Console | None = None,
) -> dict[str, Any]:
    """Everything about a model: what the file says, and what is measured here.

    Args:
        name: the model's.
        labels: its classes, in the order of its outputs.
        model: the .tflite's bytes.
        float_predict: the model before quantization; None leaves out the float accuracies.
        sets: labelled frames that the model did not learn from, by name; the targets' columns are
            in the order of ``labels``.
        training: how it was made: data file and hash, seed, epochs, recipe; taken over as it is.
        folds: sets of which other networks of the same recipe answer a part each, by name.
        robustness_set: whose frames stand the changed scenes; by default the first of ``folds``,
            "public_test", or else the last set that is not "drawn".
        robustness_frames: how many of them; 0 leaves the test out.
        jobs: processes for int8 inference; the figures do not depend on it.
        console: for progress bars; None: none.
    """
    judged = {
        **(folds or {}),
        **{
            where: [Judged(examples, model, float_predict)]
            for where, examples in sets.items()
            if len(examples)
        },
    }
    card: dict[str, Any] = {
        "name": name,
        "labels": list(labels),
        "input": _input(model),
        **cost(model),
        "quality": {where: _set_quality(labels, parts, jobs) for where, parts in judged.items()},
    }
    where = robustness_set or next(iter(folds or ()), None) or _robustness_set(list(sets))
    if where is not None and robustness_frames:
        card["robustness"] = robustness(
            judged[where], where, frames=robustness_frames, jobs=jobs, console=console
        )
    return card | {"training": dict(training)}


def cost(model: bytes) -> dict[str, Any]:
    """What a model costs: all computed from the file."""
    graph = Graph(model)
    return {
        "file_bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
        "parameters": graph.parameters,
        "macs": graph.macs,
        "peak_activation_bytes": graph.peak_activation_bytes,
        "arena_bytes": arena_bytes(graph),
        "operators": [
            {"operator": op.name, "output": list(op.output_shape), "macs": op.macs}
            for op in graph.operators
        ],
    }


def set_quality(
    labels: Sequence[str],
    truth: Classes,
    outputs: npt.NDArray[np.int8],
    scale: float,
    zero_point: int,
) -> dict[str, Any]:
    """The int8 model's figures on one set of frames.

    Args:
        labels: the classes.
        truth: [frames].
        outputs: int8 [frames, classes].
        scale, zero_point: of the model's output tensor.
    """
    answers = np.asarray(outputs.argmax(axis=1), np.int64)
    result = quality(truth, answers, len(labels))
    confidence = confidence_percent(outputs, scale, zero_point)
    unsure = confusion_with_uncertain(truth, answers, confidence, len(labels))
    areas = auc_one_vs_rest(truth, outputs)
    known = [area for area in areas if area is not None]
    return {
        "frames": result.frames,
        "accuracy": _rounded(result.accuracy),
        "macro_f1": _rounded(result.macro_f1),
        "auc": _rounded(float(np.mean(known))) if known else None,
        "weighted": {
            "precision": _rounded(result.weighted(result.precision)),
            "recall": _rounded(result.weighted(result.recall)),
            "f1": _rounded(result.weighted(result.f1)),
        },
        **_five_class(labels, truth, outputs),
        "classes": [
            {
                "label": label,
                "frames": int(result.support[i]),
                "precision": _rounded(float(result.precision[i])),
                "recall": _rounded(float(result.recall[i])),
                "f1": _rounded(float(result.f1[i])),
                "auc": None if (area := areas[i]) is None else _rounded(area),
            }
            for i, label in enumerate(labels)
        ],
        "confusion": result.confusion,
        "edge_impulse": {
            "threshold_percent": EDGE_IMPULSE_THRESHOLD_percent,
            "accuracy": _rounded(accuracy_with_uncertain(unsure)),
            "confusion": unsure,
        },
        "coverage": [
            {
                "threshold_percent": point.threshold_percent,
                "coverage": _rounded(point.coverage),
                "accuracy": None if point.accuracy is None else _rounded(point.accuracy),
            }
            for point in coverage_curve(truth, answers, confidence)
        ],
    }


def card_text(card: Mapping[str, Any]) -> str:
    """A card as JSON, a line for each thing that fits into one: an operator, a row, a class."""
    return _json(dict(card), "") + "\n"


def write_model(folder: Path, name: str, model: bytes, card: Mapping[str, Any]) -> None:
    """Write NAME.tflite and NAME.json, both whole or neither.

    Raises:
        FacetError: they cannot be written.
    """
    write_files(folder, {f"{name}.tflite": model, f"{name}.json": card_text(card).encode()})


def _input(model: bytes) -> dict[str, Any]:
    height, width = host_model(model).input_shape[1:3]
    return {"width": width, "height": height, "real": "pixel/255"}


def _robustness_set(sets: Sequence[str]) -> str | None:
    if "public_test" in sets:
        return "public_test"
    real = [where for where in sets if where != "drawn"]
    return real[-1] if real else None


def _set_quality(labels: Sequence[str], parts: Sequence[Judged], jobs: int) -> dict[str, Any]:
    outputs = np.concatenate([outputs_of(p.model, p.examples.images, jobs) for p in parts])
    truth = np.concatenate([part.examples.classes for part in parts])
    host = host_model(parts[0].model)  # softmax: the scale of all outputs is 1/256
    figures = set_quality(labels, truth, outputs, host.output_scale, host.output_zero_point)
    said = [p.float_predict(p.examples.images) for p in parts if p.float_predict is not None]
    if len(said) < len(parts):
        return figures
    right = np.concatenate(said).argmax(axis=1) == truth
    return {"frames": figures["frames"], "float_accuracy": _rounded(float(right.mean()))} | figures


def _five_class(
    labels: Sequence[str], truth: Classes, outputs: npt.NDArray[np.int8]
) -> dict[str, Any]:
    """Of a model of more classes: the figures with its answers restricted to the five."""
    if len(labels) <= len(EMOTIONS) or not set(EMOTIONS) <= set(labels):
        return {}
    chosen = [list(labels).index(emotion) for emotion in EMOTIONS]
    result = quality(*restricted(truth, outputs, chosen), len(EMOTIONS))
    return {
        "five_class": {
            "frames": result.frames,
            "accuracy": _rounded(result.accuracy),
            "macro_f1": _rounded(result.macro_f1),
        }
    }


def _rounded(value: float) -> float:
    return round(value, _DIGITS)


def _json(value: Any, indent: str, key: str = "") -> str:
    """``key`` and value, in one line or over several; ``indent`` stands before the last."""
    line = key + json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) < _LINE or not value or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [
            _json(entry, deeper, json.dumps(name, ensure_ascii=False) + ": ")
            for name, entry in value.items()
        ]
    else:
        items = [_json(entry, deeper) for entry in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    inner = ",\n".join(deeper + item for item in items)
    return f"{key}{opening}\n{inner}\n{indent}{closing}"
