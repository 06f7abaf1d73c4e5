"""Writing a model's card: classes, cost, quality, robustness and training, as JSON.

``facet.model.card`` reads it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.board.board import load
from facet.dataset.labels import EMOTIONS
from facet.errors import FacetError
from facet.files import write_files
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find
from facet.target.simulated import simulate
from models.data.examples import Examples
from models.evaluation.graph import Graph, macs
from models.evaluation.inference import predict_int8
from models.evaluation.metrics import (
    Classes,
    auc_one_vs_rest,
    by_class,
    confidence_percent,
    confusion,
    coverage_curve,
    edge_impulse,
    restricted,
    rounded,
    summary,
    weighted,
)
from models.evaluation.robustness import DEFAULT_FRAMES, robustness
from models.evaluation.sets import EvaluationSet, FloatPredict
from models.evaluation.tflm import host_model

TRAINED: Final = Path(__file__).parents[1] / "trained"
"""Folder of the trained models: NAME.tflite and NAME.json, its card."""

_LINE: Final = 120
"""Columns of a card's file; a value that fits into one line is written in one."""


def build_card(
    name: str,
    labels: Sequence[str],
    model: bytes,
    float_predict: FloatPredict | None,
    test_sets: Mapping[str, Examples],
    training: Mapping[str, Any],
    *,
    folds: Mapping[str, Sequence[EvaluationSet]] | None = None,
    robustness_frames: int = DEFAULT_FRAMES,
    jobs: int = 1,
) -> dict[str, Any]:
    """Evaluate a model and build its card.

    The robustness test uses the first of ``folds``, else "public_test", else the last set that is
    not "drawn".

    Args:
        name: of the model.
        labels: its classes, in the order of its outputs.
        model: the .tflite's bytes.
        float_predict: the model before quantization; None leaves out the float accuracies.
        test_sets: labelled frames that the model was not trained on, by name; the columns of the
            targets are in the order of ``labels``.
        training: the training's data, hyperparameters and seed; copied into the card.
        folds: cross-validated sets, by name; other networks of the same recipe predict them.
        robustness_frames: number of frames in the robustness test; 0 leaves it out.
        jobs: number of processes; the metrics do not depend on it.
    """
    sets = {
        **(folds or {}),
        **{
            where: [EvaluationSet(examples, model, float_predict)]
            for where, examples in test_sets.items()
            if len(examples)
        },
    }
    card: dict[str, Any] = {
        "name": name,
        "labels": list(labels),
        "input": _input(model),
        **_cost(name, labels, model),
        "quality": {where: _quality(labels, parts, jobs) for where, parts in sets.items()},
    }
    where = next(iter(folds or ()), None) or _robustness_set(list(test_sets))
    if where is not None and robustness_frames:
        card["robustness"] = robustness(sets[where], where, frames=robustness_frames, jobs=jobs)
    return card | {"training": dict(training)}


def quality(
    labels: Sequence[str],
    truth: Classes,
    outputs: npt.NDArray[np.int8],
    scale: float,
    zero_point: int,
) -> dict[str, Any]:
    """The metrics of an int8 model on one set of frames, as in the card.

    Args:
        labels: the classes.
        truth: [frames], at least one frame.
        outputs: int8 [frames, classes].
        scale, zero_point: of the model's output tensor.
    """
    predicted = np.asarray(outputs.argmax(axis=1), np.int64)
    confidence = confidence_percent(outputs, scale, zero_point)
    areas = auc_one_vs_rest(truth, outputs)
    known = [area for area in areas if area is not None]
    return {
        **summary(truth, predicted, len(labels)),
        "auc": rounded(float(np.mean(known))) if known else None,
        "weighted": weighted(truth, predicted),
        **_five_class(labels, truth, outputs),
        "classes": by_class(labels, truth, predicted, areas),
        "confusion": confusion(truth, predicted, len(labels)),
        "edge_impulse": edge_impulse(truth, predicted, confidence, len(labels)),
        "coverage": coverage_curve(truth, predicted, confidence),
    }


def card_text(card: Mapping[str, Any]) -> str:
    """A card as JSON, with one line for each value that fits into a line."""
    return _json(dict(card), "") + "\n"


def write_model(folder: Path, name: str, model: bytes, card: Mapping[str, Any]) -> None:
    """Write NAME.tflite and NAME.json, both or neither.

    Raises:
        FacetError: they cannot be written.
    """
    write_files(folder, {f"{name}.tflite": model, f"{name}.json": card_text(card).encode()})


def _cost(name: str, labels: Sequence[str], model: bytes) -> dict[str, Any]:
    """The memory that a model needs: from its file, and the arena from the firmware."""
    graph = Graph(model)
    return {
        "file_bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
        "parameters": graph.parameters,
        "macs": graph.macs,
        "peak_activation_bytes": graph.peak_activation_bytes,
        "arena_bytes": arena_bytes(name, labels, model),
        "operators": [
            {"operator": op.name, "output": list(op.outputs[0].shape), "macs": macs(op)}
            for op in graph.operators
        ],
    }


def arena_bytes(name: str, labels: Sequence[str], model: bytes) -> int:
    """Bytes of the tensor arena in use, from the boot message of the firmware with the model.

    Args:
        name: of the model.
        labels: its classes.
        model: the .tflite's bytes.

    Raises:
        FacetError: the firmware cannot be built with the model, or the model fits no board.
    """
    with tempfile.TemporaryDirectory(prefix="facet-model-") as folder:
        write_model(Path(folder), name, model, {"labels": list(labels)})
        bundle = find(name, Path(folder))
        for board in ("nucleo_l476rg", "esp32c3_devkitm"):  # the second has the largest memory
            try:
                firmware = FirmwareCache().get(load(board), bundle)
            except FacetError as error:
                reason = error
            else:
                return int(simulate(board, firmware).wait_for_boot()["arena"])
    raise reason


def _input(model: bytes) -> dict[str, Any]:
    height, width = host_model(model).input_shape[1:3]
    return {"width": width, "height": height, "real": "pixel/255"}


def _robustness_set(sets: Sequence[str]) -> str | None:
    if "public_test" in sets:
        return "public_test"
    real = [where for where in sets if where != "drawn"]
    return real[-1] if real else None


def _quality(labels: Sequence[str], parts: Sequence[EvaluationSet], jobs: int) -> dict[str, Any]:
    outputs = np.concatenate([predict_int8(p.model, p.examples.images, jobs) for p in parts])
    truth = np.concatenate([part.examples.classes for part in parts])
    host = host_model(parts[0].model)  # softmax: the scale of all outputs is 1/256
    result = quality(labels, truth, outputs, host.output_scale, host.output_zero_point)
    scores = [p.float_predict(p.examples.images) for p in parts if p.float_predict is not None]
    if len(scores) < len(parts):
        return result
    correct = np.concatenate(scores).argmax(axis=1) == truth
    return {"frames": len(truth), "float_accuracy": rounded(float(correct.mean()))} | result


def _five_class(
    labels: Sequence[str], truth: Classes, outputs: npt.NDArray[np.int8]
) -> dict[str, Any]:
    """The metrics of a model of more classes, with its answers restricted to the five."""
    if len(labels) <= len(EMOTIONS) or not set(EMOTIONS) <= set(labels):
        return {}
    chosen = [list(labels).index(emotion) for emotion in EMOTIONS]
    kept, predicted = restricted(truth, outputs, chosen)
    if not len(kept):
        return {}
    return {"five_class": summary(kept, predicted, len(EMOTIONS))}


def _json(value: Any, indent: str, key: str = "") -> str:
    """``key`` and value in one line or several; ``indent`` precedes the last line."""
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
