"""How good a model's answers are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Quality:
    """Figures of one set of answers.

    Args:
        frames: how many.
        accuracy: share of right answers, 0..1.
        macro_f1: F1 averaged over the classes that occur, each counting the same, 0..1.
        confusion: frames by [true class][answer].
    """

    frames: int
    accuracy: float
    macro_f1: float
    confusion: list[list[int]]


def quality(truth: npt.NDArray[np.int64], answers: npt.NDArray[np.int64], classes: int) -> Quality:
    """Compare answers with the truth, both int [frames] in 0..classes-1."""
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (truth, answers), 1)
    right = np.diag(confusion)
    f1 = 2 * right / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)
    occurs = confusion.sum(axis=1) > 0
    return Quality(
        len(truth),
        float(right.sum() / max(len(truth), 1)),
        float(f1[occurs].mean()) if occurs.any() else 0.0,
        confusion.tolist(),
    )
