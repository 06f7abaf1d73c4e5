"""How good a model's answers are: figures from true classes and the model's outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Classes: TypeAlias = npt.NDArray[np.int64]
"""Numbers of classes, int64 [frames], in 0..classes-1."""

THRESHOLDS_percent: Final = tuple(range(0, 100, 5))
"""Thresholds of "uncertain" at which coverage and accuracy are measured."""

EDGE_IMPULSE_THRESHOLD_percent: Final = 60
"""Edge Impulse's default confidence threshold, at which TinyVision's figures are taken."""


@dataclass(frozen=True)
class Quality:
    """Figures of one set of answers.

    Args:
        confusion: frames by [true class][answer].
    """

    confusion: list[list[int]]

    @property
    def frames(self) -> int:
        """How many were answered."""
        return int(self._counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0..1."""
        return float(self._right.sum() / max(self.frames, 1))

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """By class: of those who were given it, the share who have it; 0 where nobody was."""
        return np.asarray(self._right / np.maximum(self._answered, 1), np.float64)

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """By class: of those who have it, the share who were given it; 0 where nobody has."""
        return np.asarray(self._right / np.maximum(self.support, 1), np.float64)

    @property
    def f1(self) -> npt.NDArray[np.float64]:
        """By class: the harmonic mean of precision and recall."""
        return np.asarray(2 * self._right / np.maximum(self.support + self._answered, 1))

    @property
    def support(self) -> npt.NDArray[np.int64]:
        """By class: frames that show it."""
        return np.asarray(self._counts.sum(axis=1), np.int64)

    @property
    def macro_f1(self) -> float:
        """F1 averaged over the classes that occur, each counting the same, 0..1."""
        occurs = self.support > 0
        return float(self.f1[occurs].mean()) if occurs.any() else 0.0

    def weighted(self, by_class: npt.NDArray[np.float64]) -> float:
        """A figure by class, averaged with each class counting by its frames."""
        return float((by_class * self.support).sum() / max(self.frames, 1))

    @cached_property
    def _counts(self) -> npt.NDArray[np.int64]:
        return np.array(self.confusion, np.int64)

    @property
    def _right(self) -> npt.NDArray[np.int64]:
        return np.diag(self._counts)

    @property
    def _answered(self) -> npt.NDArray[np.int64]:
        return np.asarray(self._counts.sum(axis=0), np.int64)


def quality(truth: Classes, answers: Classes, classes: int) -> Quality:
    """Compare answers with the truth, both int [frames] in 0..classes-1."""
    return Quality(_confusion(truth, answers, classes, classes))


def auc_one_vs_rest(truth: Classes, scores: npt.NDArray[Any]) -> list[float | None]:
    """Area under the ROC curve of each class against all others.

    The chance that a frame of the class gets a higher score for it than a frame of another, ties
    counting half (Mann and Whitney's U over the number of pairs). Only the order of a class's
    scores matters, so int8 outputs give the same as the probabilities that they stand for.

    Args:
        truth: [frames].
        scores: [frames, classes].

    Returns:
        0..1 by class; None where all frames are of the class, or none is.
    """
    areas: list[float | None] = []
    for i in range(scores.shape[1]):
        is_class = truth == i
        inside = int(is_class.sum())
        pairs = inside * (len(truth) - inside)
        u = _ranks(scores[:, i])[is_class].sum() - inside * (inside + 1) / 2
        areas.append(float(u / pairs) if pairs else None)
    return areas


def _ranks(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """1 for the smallest; equal values share the mean of the ranks that they take up."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], np.float64)


def confidence_percent(
    outputs: npt.NDArray[np.int8], scale: float, zero_point: int
) -> npt.NDArray[np.int64]:
    """The top score of each frame in percent, rounded half up, as the device reports it.

    Args:
        outputs: int8 [frames, classes].
        scale, zero_point: of the model's output tensor.
    """
    top = outputs.max(axis=1).astype(np.int64) - zero_point
    return np.asarray(np.floor(100 * scale * top + 0.5), np.int64)


@dataclass(frozen=True)
class Coverage:
    """What is left when unsure answers are refused.

    Args:
        threshold_percent: an answer below this confidence is "uncertain".
        coverage: share of the frames that got an answer, 0..1.
        accuracy: share of those answers that are right; None where there are none.
    """

    threshold_percent: int
    coverage: float
    accuracy: float | None


def coverage_curve(
    truth: Classes,
    answers: Classes,
    confidence: npt.NDArray[np.int64],
    thresholds_percent: Sequence[int] = THRESHOLDS_percent,
) -> list[Coverage]:
    """Coverage against accuracy, threshold by threshold; all but the last are [frames]."""
    right = truth == answers
    curve = []
    for threshold in thresholds_percent:
        is_sure = confidence >= threshold
        sure = int(is_sure.sum())
        accuracy = float(right[is_sure].mean()) if sure else None
        curve.append(Coverage(threshold, sure / max(len(truth), 1), accuracy))
    return curve


def confusion_with_uncertain(
    truth: Classes,
    answers: Classes,
    confidence: npt.NDArray[np.int64],
    classes: int,
    threshold_percent: int = EDGE_IMPULSE_THRESHOLD_percent,
) -> list[list[int]]:
    """Frames by [true class][answer], with "uncertain" as the last answer: Edge Impulse's way."""
    said = np.where(confidence >= threshold_percent, answers, classes)
    return _confusion(truth, said, classes, classes + 1)


def accuracy_with_uncertain(confusion: Sequence[Sequence[int]]) -> float:
    """Share of all frames that were answered right; "uncertain" counts as wrong.

    Args:
        confusion: from ``confusion_with_uncertain``.
    """
    frames = sum(sum(row) for row in confusion)
    return sum(row[i] for i, row in enumerate(confusion)) / max(frames, 1)


def restricted(
    truth: Classes, scores: npt.NDArray[Any], chosen: Sequence[int]
) -> tuple[Classes, Classes]:
    """Truth and answers as if only some classes existed.

    Frames of the other classes are left out, and of the rest the highest score among the chosen
    classes is the answer. So models of eight classes and of five stand on one scale.

    Args:
        truth: [frames].
        scores: [frames, classes].
        chosen: numbers of the classes kept.

    Returns:
        Truth and answers of the frames that are left, as numbers into ``chosen``.
    """
    kept = np.isin(truth, chosen)
    number = {old: new for new, old in enumerate(chosen)}
    new_truth = np.array([number[int(c)] for c in truth[kept]], np.int64)
    return new_truth, np.asarray(scores[kept][:, list(chosen)].argmax(axis=1), np.int64)


def _confusion(truth: Classes, answers: Classes, rows: int, columns: int) -> list[list[int]]:
    counts = np.zeros((rows, columns), np.int64)
    np.add.at(counts, (truth, answers), 1)
    counted: list[list[int]] = counts.tolist()
    return counted
