"""The standardized test: how accuracy holds when light, sharpness, noise or place change.

Document 3 leaves "standardize real-world testing: control lighting, contrast, background" as future
work. Here the same frames stand in one changed scene after the other, and reach the network through
the camera model's own scaling and the firmware's box filter. What changes is the picture: the
camera's automatic exposure, which would even out some of it, is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

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
from models.evaluate import Classes, quality
from models.judged import Judged
from models.tflm import in_processes, outputs_of

DEFAULT_FRAMES: Final = 400
"""Frames of a set that are shown in each scene; 0.85 of 400 is known to 0.018 (one sigma)."""

_FRAMES_A_TASK: Final = 20

_SIDE: Final = 48
"""Height and width of a network's input, in pixels."""

_COLUMNS: Final = Span(VIEW_WIDTH_px, WINDOW_LEFT_px, WINDOW_px, 2 * _SIDE)
_ROWS: Final = Span(VIEW_HEIGHT_px, WINDOW_TOP_px, WINDOW_px, 2 * _SIDE)
"""What the firmware's camera setting makes of the view: a window of 288, scaled to 96."""


@dataclass(frozen=True)
class Condition:
    """One change of the scene.

    Args:
        name: as it stands in cards and tables.
        scene: what differs from the neutral scene, by the names of ``Scene``.
    """

    name: str
    scene: Mapping[str, int]


UNCHANGED: Final = Condition("unchanged", {})

# Lengths are sensor pixels, six to a pixel of the network; so is the noise, which the averaging of
# 36 sensor pixels divides by six. The smaller face leaves a twelfth of the window free on a side.
CONDITIONS: Final = (
    UNCHANGED,
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
"""Blur, noise and shift are named as the network sees them: in its pixels and its gray levels."""


def seen_by_the_network(face: GrayImage, scene: Scene) -> GrayImage:
    """A face in a scene as the firmware hands it to the network, uint8 [48, 48].

    The camera's window of 288 x 288, scaled to 96 x 96 by the camera model's own ``sample``, then
    the firmware's box filter (firmware/app/preprocess.h). In the neutral scene a face of 48 x 48
    comes through as it is.
    """
    frame = sample(scene.render(face), _COLUMNS, _ROWS).astype(np.int64)
    summed = frame.reshape(_SIDE, 2, _SIDE, 2).sum(axis=(1, 3))
    return np.asarray((summed + 2) >> 2, np.uint8)


def robustness(
    parts: Sequence[Judged],
    where: str,
    *,
    frames: int = DEFAULT_FRAMES,
    jobs: int = 1,
    console: Console | None = None,
) -> dict[str, Any]:
    """int8 accuracy in each of ``CONDITIONS``, on the same frames, for a model's card.

    The same for the same arguments, however many processes do the work: which frames are taken
    depends on their number alone (``evenly_spaced``), and noise and clutter on the frame's.

    Args:
        parts: labelled frames and the networks that answer them.
        where: the name of that set.
        frames: how many of them at most.
        jobs: processes.
        console: for a progress bar; None: no bar.
    """
    images = np.concatenate([part.examples.images for part in parts])
    truth = np.concatenate([part.examples.classes for part in parts])
    of_part = np.repeat(np.arange(len(parts)), [len(part.examples) for part in parts])
    chosen = evenly_spaced(len(images), frames)
    tasks = [
        _Task(images[chosen[i : i + _FRAMES_A_TASK]], i)
        for i in range(0, len(chosen), _FRAMES_A_TASK)
    ]
    rendered = track(
        in_processes(_views, tasks, jobs),
        f"scenes x {len(chosen)} frames",
        total=len(tasks),
        console=console,
        transient=True,
        disable=console is None or not console.is_terminal,
    )
    views = np.concatenate(list(rendered), axis=1)
    answers = np.empty(views.shape[:2], np.int64)
    for number, part in enumerate(parts):
        own = of_part[chosen] == number
        outputs = outputs_of(part.model, views[:, own].reshape(-1, _SIDE, _SIDE), jobs)
        answers[:, own] = outputs.argmax(axis=1).reshape(len(views), -1)
    return _report(answers, truth[chosen], parts[0].examples.targets.shape[1], where)


@dataclass(frozen=True)
class _Task:
    """Some frames to be shown in all scenes; ``first`` is the first one's number."""

    images: GrayImage
    first: int


def _views(task: _Task) -> GrayImage:
    """What the network sees of the frames, [conditions, frames, _SIDE, _SIDE]."""
    views = np.empty((len(CONDITIONS), len(task.images), _SIDE, _SIDE), np.uint8)
    for column, face in enumerate(task.images):
        for row, condition in enumerate(CONDITIONS):
            scene = Scene(**condition.scene, seed=task.first + column)
            views[row, column] = seen_by_the_network(face, scene)
    return views


def _report(
    answers: npt.NDArray[np.int64], truth: Classes, classes: int, where: str
) -> dict[str, Any]:
    results = [quality(truth, row, classes) for row in answers]
    accuracies = [result.accuracy for result in results]
    worst = int(np.argmin(accuracies))
    return {
        "set": where,
        "frames": len(truth),
        "unchanged": round(accuracies[0], 4),
        "mean_of_changed": round(float(np.mean(accuracies[1:])), 4),
        "worst": {
            "condition": CONDITIONS[worst].name,
            "accuracy": round(accuracies[worst], 4),
        },
        "conditions": [
            {
                "condition": condition.name,
                "scene": dict(condition.scene),
                "accuracy": round(result.accuracy, 4),
                "macro_f1": round(result.macro_f1, 4),
            }
            for condition, result in zip(CONDITIONS, results, strict=True)
        ],
    }
