"""Metrics of small hand-made examples."""

from __future__ import annotations

import numpy as np

from models.evaluation.metrics import (
    auc_one_vs_rest,
    by_class,
    confidence_percent,
    confusion,
    coverage_curve,
    edge_impulse,
    restricted,
    summary,
    weighted,
)


def test_metrics_of_a_small_example() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 0, 1, 1, 1, 0])
    # F1: 2*2/(3+3), 2*2/(2+3), 0; the fourth class does not occur.
    assert summary(truth, predicted, 4) == {"frames": 6, "accuracy": 0.6667, "macro_f1": 0.4889}
    assert confusion(truth, predicted, 4) == [
        [2, 1, 0, 0],
        [0, 2, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
    ]
    assert weighted(truth, predicted) == {"precision": 0.5556, "recall": 0.6667, "f1": 0.6}
    classes = by_class(["a", "b", "c", "d"], truth, predicted, [0.5, None, 1.0, None])
    assert [entry["precision"] for entry in classes] == [0.6667, 0.6667, 0, 0]
    assert [entry["recall"] for entry in classes] == [0.6667, 1, 0, 0]
    assert [entry["f1"] for entry in classes] == [0.6667, 0.8, 0, 0]
    assert [entry["frames"] for entry in classes] == [3, 2, 1, 0]
    assert [entry["auc"] for entry in classes] == [0.5, None, 1.0, None]


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    truth = np.array([0, 0, 1, 1])
    scores = np.array([[9, 5], [2, 5], [8, 5], [1, 5]], np.int8)
    # Class 0: 9 > 8, 9 > 1 and 2 > 1, but 2 < 8. Class 1: ties only.
    assert auc_one_vs_rest(truth, scores) == [0.75, 0.5]
    assert auc_one_vs_rest(1 - truth, scores) == [0.25, 0.5]
    assert auc_one_vs_rest(np.zeros(4, np.int64), scores) == [None, None]


def test_confidence_is_rounded_like_the_device_does() -> None:
    # Softmax's output: scale 1/256, zero point -128. 0.5 -> 50 %; 153/256 = 59.77 -> 60 %;
    # 32/256 = 12.5 -> 13 %; 255/256 = 99.6 -> 100 %.
    top = np.array([0, 25, -96, 127], np.int8)
    outputs = np.stack([top, np.full(4, -128, np.int8)], axis=1)
    assert confidence_percent(outputs, 1 / 256, -128).tolist() == [50, 60, 13, 100]


def test_refusing_uncertain_answers_trades_coverage_for_accuracy() -> None:
    truth = np.array([0, 0, 1, 1])
    predicted = np.array([0, 1, 1, 1])
    confidence = np.array([90, 55, 60, 59])
    curve = {p["threshold_percent"]: p for p in coverage_curve(truth, predicted, confidence)}
    assert list(curve) == list(range(0, 100, 5))
    assert (curve[0]["coverage"], curve[0]["accuracy"]) == (1.0, 0.75)
    assert (curve[60]["coverage"], curve[60]["accuracy"]) == (0.5, 1.0)  # 60 % is certain at 60 %
    assert (curve[95]["coverage"], curve[95]["accuracy"]) == (0.0, None)


def test_edge_impulse_counts_uncertain_answers_as_wrong() -> None:
    truth = np.array([0, 0, 1, 1])
    predicted = np.array([0, 1, 1, 1])
    confidence = np.array([90, 55, 60, 59])
    assert edge_impulse(truth, predicted, confidence, 2) == {
        "threshold_percent": 60,
        "accuracy": 0.5,
        "confusion": [[1, 0, 1], [0, 1, 1]],
    }


def test_predictions_can_be_restricted_to_some_classes() -> None:
    truth = np.array([0, 1, 2, 3])
    scores = np.array([[1, 9, 2, 0], [0, 5, 0, 9], [3, 0, 2, 0], [0, 0, 0, 9]])
    # Class 1 is left out; of 0, 2 and 3 the highest score wins.
    new_truth, predicted = restricted(truth, scores, (2, 0, 3))
    assert new_truth.tolist() == [1, 0, 2]
    assert predicted.tolist() == [0, 1, 2]
