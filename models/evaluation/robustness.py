"""The robustness test: accuracy under changed light, sharpness, noise and position.

TinyVision's document leaves "standardize real-world testing: control lighting, contrast,
background" as future work. Here the same frames are evaluated in several scenes and reach the
network through the camera model's scaling and the firmware's box filter. The camera's automatic
exposure, which would compensate for some of the changes in light, is not simulated.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.sample import evenly_spaced
from facet.dataset.scene import (
    Scene,
    VIEW_HEIGHT_px,
    VIEW_WIDTH_px,
    WINDOW_LEFT_px,
    WINDOW_px,
    WINDOW_TOP_px,
)
from facet.device.arducam_ov2640.geometry import Span, sample
from facet.errors import FacetError
from facet.progress import Progress
from models.data.examples import INPUT_SIDE
from models.evaluation.inference import predict_int8
from models.evaluation.metrics import Classes, rounded, summary
from models.evaluation.sets import EvaluationSet

DEFAULT_FRAMES: Final = 400
"""Frames of a set in each scene; the standard error of an accuracy of 0.85 is 0.018."""

_FRAMES_IN_TASK: Final = 20

_COLUMNS: Final = Span(VIEW_WIDTH_px, WINDOW_LEFT_px, WINDOW_px, 2 * INPUT_SIDE)
_ROWS: Final = Span(VIEW_HEIGHT_px, WINDOW_TOP_px, WINDOW_px, 2 * INPUT_SIDE)
"""The firmware's camera setting: a window of 288 x 288 pixels of the view, scaled to 96 x 96."""


@dataclass(frozen=True)
class Condition:
    """One change of the scene.

    Args:
        name: for cards and tables.
        scene: arguments of ``Scene`` that differ from the neutral scene.
    """

    name: str
    scene: Mapping[str, int]


# Lengths are sensor pixels, six to a pixel of the network. The noise is that of the sensor pixels:
# the averaging of 36 of them divides it by six. The smaller face leaves a margin of a twelfth of
# the window on each side.
CONDITIONS: Final = (
    Condition("unchanged", {}),
    Condition("light 40 %", {"light_percent": 40}),
    Condition("light 60 %", {"light_percent": 60}),
    Condition("light 150 %", {"light_percent": 150}),
    Condition("light 200 %", {"light_percent": 200}),
    Condition("contrast 50 %", {"contrast_percent": 50}),
    Condition("contrast 150 %", {"contrast_percent": 150}),
    Condition("blur 1 px", {"blur_px": 6}),
    Condition("blur 2 px", {"blur_px": 12}),
    Condition("noise 5", {"noise": 30}),
    Condition("noise 10", {"noise": 60}),
    Condition("4 px left", {"x_px": -24}),
    Condition("4 px right", {"x_px": 24}),
    Condition("4 px up", {"y_px": -24}),
    Condition("4 px down", {"y_px": 24}),
    Condition("size 120 %", {"size_px": 346}),
    Condition("size 83 %", {"size_px": 240}),
    Condition("size 83 % on black", {"size_px": 240, "background": 0}),
    Condition("size 83 % on white", {"size_px": 240, "background": 255}),
    Condition("size 83 % on clutter", {"size_px": 240, "clutter": 12}),
)
"""Blur, noise and shift are named in the network's pixels and gray levels."""


def network_view(face: GrayImage, scene: Scene) -> GrayImage:
    """The network's input for a face in a scene, uint8 [48, 48].

    The camera's window of 288 x 288, scaled to 96 x 96 by the camera model's ``sample``, then the
    firmware's box filter (firmware/app/preprocess.h). In the neutral scene a face of 48 x 48 is not
    changed.
    """
    frame = sample(scene.render(face), _COLUMNS, _ROWS).astype(np.int64)
    summed = frame.reshape(INPUT_SIDE, 2, INPUT_SIDE, 2).sum(axis=(1, 3))
    return np.asarray((summed + 2) >> 2, np.uint8)


def robustness(
    sets: Sequence[EvaluationSet], name: str, *, frames: int = DEFAULT_FRAMES, jobs: int = 1
) -> dict[str, Any]:
    """int8 accuracy in each of ``CONDITIONS`` on the same frames, for a model's card.

    The result does not depend on ``jobs``: the choice of the frames depends on their number alone
    (``evenly_spaced``), and noise and clutter on the number of the frame.

    Args:
        sets: labelled frames with the models that predict them (the folds of one set).
        name: of the set.
        frames: maximum number of frames.
        jobs: number of processes.
    """
    images = np.concatenate([part.examples.images for part in sets])
    truth = np.concatenate([part.examples.classes for part in sets])
    set_of_frame = np.repeat(np.arange(len(sets)), [len(part.examples) for part in sets])
    chosen = evenly_spaced(len(images), frames)
    views = _views(images[chosen], jobs)
    predicted = np.empty(views.shape[:2], np.int64)
    for number, part in enumerate(sets):
        own = set_of_frame[chosen] == number
        outputs = predict_int8(part.model, views[:, own].reshape(-1, INPUT_SIDE, INPUT_SIDE), jobs)
        predicted[:, own] = outputs.argmax(axis=1).reshape(len(views), -1)
    return _report(predicted, truth[chosen], sets[0].examples.targets.shape[1], name)


def _views(images: GrayImage, jobs: int) -> GrayImage:
    """The network's inputs in all conditions, [conditions, frames, height, width]."""
    starts = range(0, len(images), _FRAMES_IN_TASK)
    chunks = [images[i : i + _FRAMES_IN_TASK] for i in starts]
    views = []
    # Not by fork, which would copy the locks of TensorFlow's threads.
    context = multiprocessing.get_context("spawn")
    with (
        Progress("robustness test: frames rendered", len(images)) as progress,
        ProcessPoolExecutor(jobs, mp_context=context) if jobs > 1 else nullcontext() as pool,
    ):
        try:
            for part in (pool.map if pool else map)(_render, chunks, starts):
                views.append(part)
                progress.advance(part.shape[1])
        except BrokenProcessPool:
            raise FacetError(
                "a process of the robustness test died; if memory ran out, use fewer --jobs"
            ) from None
    return np.concatenate(views, axis=1)


def _render(images: GrayImage, first: int) -> GrayImage:
    """Render frames in all conditions; ``first`` is the number of the first one."""
    views = np.empty((len(CONDITIONS), len(images), INPUT_SIDE, INPUT_SIDE), np.uint8)
    for column, face in enumerate(images):
        for row, condition in enumerate(CONDITIONS):
            scene = Scene(**condition.scene, seed=first + column)
            views[row, column] = network_view(face, scene)
    return views


def _report(
    predicted: npt.NDArray[np.int64], truth: Classes, classes: int, name: str
) -> dict[str, Any]:
    results = [summary(truth, row, classes) for row in predicted]
    accuracies = [float((row == truth).mean()) for row in predicted]
    worst = int(np.argmin(accuracies))
    return {
        "set": name,
        "frames": len(truth),
        "unchanged": rounded(accuracies[0]),
        "mean_of_changed": rounded(float(np.mean(accuracies[1:]))),
        "worst": {
            "condition": CONDITIONS[worst].name,
            "accuracy": rounded(accuracies[worst]),
        },
        "conditions": [
            {
                "condition": condition.name,
                "scene": dict(condition.scene),
                "accuracy": result["accuracy"],
                "macro_f1": result["macro_f1"],
            }
            for condition, result in zip(CONDITIONS, results, strict=True)
        ],
    }
