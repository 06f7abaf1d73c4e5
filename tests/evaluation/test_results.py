"""Accuracy, F1 and confusion equal figures that were computed by hand."""

from __future__ import annotations

import pytest

from facet.evaluation.results import Outcome, Summary
from facet.target.decision import PHASES, Decision
from facet.time import ms


def outcome(label: str | None, said: str, cycles: int = 10, *, uncertain: bool = False) -> Outcome:
    cost = dict.fromkeys(PHASES, cycles)
    return Outcome("frame", label, Decision(ms(1), said, 90, uncertain, (1, 2), cost, cost))


def test_accuracy_and_confusion_count_what_was_shown_and_said() -> None:
    summary = Summary([outcome("happy", "happy"), outcome("happy", "sad"), outcome("sad", "sad")])
    assert summary.accuracy == pytest.approx(2 / 3)
    assert summary.confusion[0] == [1, 1, 0, 0, 0]
    assert summary.confusion[1] == [0, 1, 0, 0, 0]
    # happy: 2 * 1 / (2 shown + 1 said); sad: 2 * 1 / (1 + 2)
    assert summary.f1 == {"happy": pytest.approx(2 / 3), "sad": pytest.approx(2 / 3)}
    assert summary.macro_f1 == pytest.approx(2 / 3)


def test_an_error_counts_as_wrong_and_an_unlabelled_frame_not_at_all() -> None:
    dead = Outcome("frame", "sad", None, "the device reports camera_absent")
    summary = Summary([outcome("happy", "happy"), dead, outcome(None, "angry")])
    assert summary.accuracy == pytest.approx(1 / 2)
    assert summary.as_json()["errors"] == 1
    assert summary.as_json()["frames"] == 3


def test_rows_and_columns_are_the_models_classes_in_its_order() -> None:
    shown = [outcome("negative", "positive"), outcome("neutral", "neutral")]
    summary = Summary(shown, ("positive", "negative", "neutral"))
    assert summary.labels == ["positive", "negative", "neutral"]
    assert summary.confusion == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_a_class_outside_the_models_gets_a_row_of_its_own() -> None:
    summary = Summary([outcome("happy", "contempt")])
    assert summary.labels[-1] == "contempt"
    assert summary.confusion[0][-1] == 1


def test_refusing_the_uncertain_trades_coverage_for_accuracy() -> None:
    summary = Summary(
        [
            outcome("happy", "happy"),
            outcome("sad", "sad"),
            outcome("sad", "angry"),
            outcome("sad", "happy", uncertain=True),
            outcome(None, "sad", uncertain=True),
        ]
    )
    assert summary.accuracy == pytest.approx(2 / 4)
    assert summary.coverage == pytest.approx(3 / 4)
    assert summary.accuracy_when_certain == pytest.approx(2 / 3)
    assert summary.uncertain == 2
    assert Summary([outcome("sad", "sad", uncertain=True)]).accuracy_when_certain is None
    assert Summary([outcome(None, "sad")]).coverage is None


def test_cycles_are_reported_by_phase_and_in_total() -> None:
    cycles = Summary([outcome("sad", "sad", 10), outcome("sad", "sad", 30)]).as_json()["cycles"]
    assert cycles["inference"] == {"mean": 20.0, "min": 10, "max": 30}
    assert cycles["total"] == {"mean": 80.0, "min": 40, "max": 120}
