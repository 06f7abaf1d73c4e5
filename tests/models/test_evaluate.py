"""Accuracy, F1, AUC and coverage of hand-made answers."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluate import (
    accuracy_with_uncertain,
    auc_one_vs_rest,
    confidence_percent,
    confusion_with_uncertain,
    coverage_curve,
    quality,
    restricted,
)


def test_figures_of_a_small_example() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    answers = np.array([0, 0, 1, 1, 1, 0])
    result = quality(truth, answers, 4)
    assert result.frames == 6
    assert result.accuracy == pytest.approx(4 / 6)
    assert result.confusion == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert result.precision.tolist() == pytest.approx([2 / 3, 2 / 3, 0, 0])
    assert result.recall.tolist() == pytest.approx([2 / 3, 1, 0, 0])
    # F1: 2*2/(3+3), 2*2/(2+3), 0; the fourth class does not occur.
    assert result.f1.tolist() == pytest.approx([2 / 3, 0.8, 0, 0])
    assert result.macro_f1 == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    assert result.weighted(result.precision) == pytest.approx((3 * 2 / 3 + 2 * 2 / 3) / 6)
    assert result.weighted(result.recall) == pytest.approx(result.accuracy)


def test_no_frames_are_no_error() -> None:
    none = np.zeros(0, np.int64)
    result = quality(none, none, 3)
    assert (result.frames, result.accuracy, result.macro_f1) == (0, 0.0, 0.0)
    assert coverage_curve(none, none, none)[0].accuracy is None


def area_by_all_pairs(truth: np.ndarray, scores: np.ndarray, of: int) -> float:
    inside, outside = scores[truth == of, of], scores[truth != of, of]
    wins = sum(float(a > b) + 0.5 * float(a == b) for a in inside for b in outside)
    return wins / (len(inside) * len(outside))


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 60)
    scores = rng.integers(-128, -120, (60, 3)).astype(np.int8)  # many ties
    scores[np.arange(60), truth] += 3
    areas = auc_one_vs_rest(truth, scores)
    assert areas == pytest.approx([area_by_all_pairs(truth, scores, i) for i in range(3)])


def test_auc_of_perfect_blind_and_reversed_scores() -> None:
    truth = np.array([0, 0, 1, 1])
    scores = np.array([[9, 5], [8, 5], [2, 5], [1, 5]])
    assert auc_one_vs_rest(truth, scores) == [1.0, 0.5]
    assert auc_one_vs_rest(1 - truth, scores) == [0.0, 0.5]
    assert auc_one_vs_rest(np.zeros(4, np.int64), scores) == [None, None]


def test_confidence_is_rounded_as_the_device_does() -> None:
    # Softmax's output: scale 1/256, zero point -128. 0.5 -> 50 %; 153/256 = 59.77 -> 60 %;
    # 32/256 = 12.5 -> 13 %; 255/256 = 99.6 -> 100 %.
    top = np.array([0, 25, -96, 127], np.int8)
    outputs = np.stack([top, np.full(4, -128, np.int8)], axis=1)
    assert confidence_percent(outputs, 1 / 256, -128).tolist() == [50, 60, 13, 100]


def test_refusing_the_unsure_trades_coverage_for_accuracy() -> None:
    truth = np.array([0, 0, 1, 1])
    answers = np.array([0, 1, 1, 1])
    confidence = np.array([90, 55, 60, 59])
    curve = {p.threshold_percent: p for p in coverage_curve(truth, answers, confidence)}
    assert list(curve) == list(range(0, 100, 5))
    assert (curve[0].coverage, curve[0].accuracy) == (1.0, 0.75)
    assert (curve[60].coverage, curve[60].accuracy) == (0.5, 1.0)  # 60 % is no less than 60 %
    assert (curve[95].coverage, curve[95].accuracy) == (0.0, None)


def test_edge_impulse_counts_uncertain_as_wrong() -> None:
    truth = np.array([0, 0, 1, 1])
    answers = np.array([0, 1, 1, 1])
    confidence = np.array([90, 55, 60, 59])
    confusion = confusion_with_uncertain(truth, answers, confidence, 2)
    assert confusion == [[1, 0, 1], [0, 1, 1]]
    assert accuracy_with_uncertain(confusion) == 0.5


def test_only_some_classes_count() -> None:
    truth = np.array([0, 1, 2, 3])
    scores = np.array([[1, 9, 2, 0], [0, 5, 0, 9], [3, 0, 2, 0], [0, 0, 0, 9]])
    # Class 1 is left out; of 0, 2 and 3 the highest score wins.
    new_truth, answers = restricted(truth, scores, (2, 0, 3))
    assert new_truth.tolist() == [1, 0, 2]
    assert answers.tolist() == [0, 1, 2]
