"""Metrics of a classifier: scikit-learn's, and those of answers refused as uncertain.

Accuracy, precision, recall, F1, AUC and the confusion matrix are scikit-learn's. The coverage at a
confidence threshold, Edge Impulse's "uncertain", and a model's answers restricted to some of its
classes are computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

Classes: TypeAlias = npt.NDArray[np.int64]
"""Numbers of classes, int64 [frames], in 0..classes-1."""

THRESHOLDS_percent: Final = tuple(range(0, 100, 5))
"""Confidence thresholds at which coverage and accuracy are measured."""

EDGE_IMPULSE_THRESHOLD_percent: Final = 60
"""Edge Impulse's default confidence threshold; TinyVision's document uses it."""

_DIGITS: Final = 4
"""Digits of a metric; more are not significant with so few frames."""


def rounded(value: float) -> float:
    """A metric with the digits that a card has."""
    return round(float(value), _DIGITS)


def summary(truth: Classes, predicted: Classes, classes: int) -> dict[str, Any]:
    """Number of frames, accuracy, and F1 averaged over the classes that occur.

    Args:
        truth, predicted: [frames], at least one frame.
        classes: number of classes of the model.
    """
    _, _, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=range(classes), zero_division=0
    )
    return {
        "frames": len(truth),
        "accuracy": rounded(accuracy_score(truth, predicted)),
        "macro_f1": rounded(f1[support > 0].mean()),
    }


def weighted(truth: Classes, predicted: Classes) -> dict[str, float]:
    """Precision, recall and F1 averaged over the classes, weighted by their frames."""
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, average="weighted", zero_division=0
    )
    return {"precision": rounded(precision), "recall": rounded(recall), "f1": rounded(f1)}


def by_class(
    labels: Sequence[str], truth: Classes, predicted: Classes, areas: Sequence[float | None]
) -> list[dict[str, Any]]:
    """Frames, precision, recall, F1 and AUC of each class; 0 where undefined.

    Args:
        labels: the classes.
        truth, predicted: [frames].
        areas: from ``auc_one_vs_rest``.
    """
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=range(len(labels)), zero_division=0
    )
    return [
        {
            "label": label,
            "frames": int(support[i]),
            "precision": rounded(precision[i]),
            "recall": rounded(recall[i]),
            "f1": rounded(f1[i]),
            "auc": None if (area := areas[i]) is None else rounded(area),
        }
        for i, label in enumerate(labels)
    ]


def confusion(truth: Classes, predicted: Classes, classes: int) -> list[list[int]]:
    """Frames by [true class][predicted class]."""
    counts: list[list[int]] = confusion_matrix(truth, predicted, labels=range(classes)).tolist()
    return counts


def auc_one_vs_rest(truth: Classes, scores: npt.NDArray[Any]) -> list[float | None]:
    """Area under the ROC curve of each class against all others.

    Only the order of a class's scores matters, so int8 outputs give the same result as the
    probabilities that they represent.

    Args:
        truth: [frames].
        scores: [frames, classes].

    Returns:
        0..1 by class; None where all frames or no frames are of the class.
    """
    return [
        float(roc_auc_score(truth == i, scores[:, i])) if len({*(truth == i)}) == 2 else None
        for i in range(scores.shape[1])
    ]


def confidence_percent(
    outputs: npt.NDArray[np.int8], scale: float, zero_point: int
) -> npt.NDArray[np.int64]:
    """The top score of each frame in percent, rounded half up as in the device's reports.

    Args:
        outputs: int8 [frames, classes].
        scale, zero_point: of the model's output tensor.
    """
    top = outputs.max(axis=1).astype(np.int64) - zero_point
    return np.asarray(np.floor(100 * scale * top + 0.5), np.int64)


def coverage_curve(
    truth: Classes, predicted: Classes, confidence: npt.NDArray[np.int64]
) -> list[dict[str, Any]]:
    """Coverage and accuracy where answers below a confidence threshold are refused.

    Args:
        truth, predicted: [frames].
        confidence: in percent, [frames].

    Returns:
        For each threshold the share of the frames with a certain answer, and the accuracy of the
        certain answers; None where there are none.
    """
    correct = truth == predicted
    curve = []
    for threshold in THRESHOLDS_percent:
        certain = correct[confidence >= threshold]
        curve.append(
            {
                "threshold_percent": threshold,
                "coverage": rounded(len(certain) / len(truth)),
                "accuracy": rounded(certain.mean()) if len(certain) else None,
            }
        )
    return curve


def edge_impulse(
    truth: Classes, predicted: Classes, confidence: npt.NDArray[np.int64], classes: int
) -> dict[str, Any]:
    """Edge Impulse's metrics, in which an answer below 60 % confidence is "uncertain".

    Returns:
        The threshold; the share of all frames with a correct answer, where "uncertain" counts as
        wrong; frames by [true class][answer], the last answer being "uncertain".
    """
    answers = np.where(confidence >= EDGE_IMPULSE_THRESHOLD_percent, predicted, classes)
    return {
        "threshold_percent": EDGE_IMPULSE_THRESHOLD_percent,
        "accuracy": rounded(accuracy_score(truth, answers)),
        "confusion": confusion(truth, answers, classes + 1)[:classes],
    }


def restricted(
    truth: Classes, scores: npt.NDArray[Any], chosen: Sequence[int]
) -> tuple[Classes, Classes]:
    """Truth and predictions as if the model had only some of its classes.

    Frames of other classes are dropped; the prediction is the highest score among the chosen
    classes. This makes models of eight classes and of five comparable.

    Args:
        truth: [frames].
        scores: [frames, classes].
        chosen: numbers of the classes to keep.

    Returns:
        Truth and predictions of the remaining frames, as indices into ``chosen``.
    """
    kept = np.isin(truth, chosen)
    number = {old: new for new, old in enumerate(chosen)}
    new_truth = np.array([number[int(c)] for c in truth[kept]], np.int64)
    return new_truth, np.asarray(scores[kept][:, list(chosen)].argmax(axis=1), np.int64)
