"""A card has the measured figures, in a file that people can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.dataset import EMOTIONS, load_frames
from facet.errors import FacetError
from models.data.examples import Examples
from models.evaluation.card import TRAINED, build_card, card_text, quality, write_model
from models.evaluation.robustness import CONDITIONS

EIGHT = (*EMOTIONS, "afraid", "disgusted", "contemptuous")
NAME = "facet-small"
MODEL = (TRAINED / "facet-small.tflite").read_bytes()


@pytest.fixture(scope="module")
def drawn() -> Examples:
    frames = load_frames("drawn", "private", 30)
    images = np.stack([frame.image[::6, ::6] for frame in frames])
    targets = np.eye(5, dtype=np.float32)[[EMOTIONS.index(f.label or "") for f in frames]]
    return Examples(images, targets)


@pytest.fixture(scope="module")
def card(drawn: Examples) -> dict[str, Any]:
    def always_happy(images: np.ndarray) -> np.ndarray:
        return np.tile(np.array([1, 0, 0, 0, 0], np.float32), (len(images), 1))

    none = Examples(drawn.images[:0], drawn.targets[:0])
    sets = {"public_test": drawn, "validation": drawn, "empty": none}
    training = {"seed": 1, "epochs": 2}
    return build_card(NAME, EMOTIONS, MODEL, always_happy, sets, training, robustness_frames=10)


def test_card_has_cost_quality_and_robustness(card: dict[str, Any]) -> None:
    assert card["labels"] == list(EMOTIONS)
    assert card["input"] == {"width": 48, "height": 48, "real": "pixel/255"}
    assert card["file_bytes"] == len(MODEL)
    assert card["macs"] == sum(op["macs"] for op in card["operators"])
    assert card["training"] == {"seed": 1, "epochs": 2}
    assert set(card["quality"]) == {"public_test", "validation"}
    figures = card["quality"]["public_test"]
    assert figures["float_accuracy"] == 0.2  # six of thirty are happy
    assert figures["accuracy"] >= 0.9
    assert [entry["label"] for entry in figures["classes"]] == list(EMOTIONS)
    assert sum(map(sum, figures["confusion"])) == figures["frames"] == 30
    assert [point["threshold_percent"] for point in figures["coverage"]] == [*range(0, 100, 5)]
    assert figures["coverage"][0] == {
        "threshold_percent": 0,
        "coverage": 1.0,
        "accuracy": figures["accuracy"],
    }
    assert len(figures["edge_impulse"]["confusion"][0]) == 6
    assert "five_class" not in figures
    robust = card["robustness"]
    assert (robust["set"], robust["frames"]) == ("public_test", 10)
    assert [entry["condition"] for entry in robust["conditions"]] == [c.name for c in CONDITIONS]
    assert robust["worst"]["accuracy"] == min(e["accuracy"] for e in robust["conditions"])


def test_card_does_not_depend_on_the_number_of_processes(
    card: dict[str, Any], drawn: Examples
) -> None:
    again = build_card(
        "facet-small",
        EMOTIONS,
        MODEL,
        None,
        {"public_test": drawn},
        {},
        robustness_frames=10,
        jobs=2,
    )
    assert again["robustness"] == card["robustness"]
    del card["quality"]["public_test"]["float_accuracy"]
    assert again["quality"]["public_test"] == card["quality"]["public_test"]


def test_eight_classes_are_also_measured_on_the_five() -> None:
    truth = np.array([0, 1, 7, 5])
    outputs = np.full((4, 8), -128, np.int8)
    outputs[0, 0] = outputs[2, 7] = outputs[3, 5] = 100
    outputs[1, 5], outputs[1, 1] = 60, 40  # predicted as afraid; among the five, sad
    figures = quality(EIGHT, truth, outputs, 1 / 256, -128)
    assert figures["accuracy"] == 0.75
    assert figures["five_class"] == {"frames": 2, "accuracy": 1.0, "macro_f1": 1.0}


def test_a_class_that_does_not_occur_has_no_auc() -> None:
    outputs = np.array([[1, 2, 3, 4, 5]], np.int8)
    figures = quality(EMOTIONS, np.array([4]), outputs, 1 / 256, -128)
    assert [entry["auc"] for entry in figures["classes"]] == [None] * 5
    assert figures["auc"] is None


def test_card_file_has_one_line_for_each_operator(card: dict[str, Any], tmp_path: Path) -> None:
    text = card_text(card)
    assert json.loads(text) == card
    assert sum('"operator"' in line for line in text.splitlines()) == len(card["operators"])
    assert max(map(len, text.splitlines())) <= 120
    write_model(tmp_path / "new", "base", MODEL, card)
    assert (tmp_path / "new/base.json").read_text() == text
    assert (tmp_path / "new/base.tflite").read_bytes() == MODEL


def test_a_model_that_cannot_be_written_leaves_nothing(
    card: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "base.json").mkdir()
    with pytest.raises(FacetError, match="cannot be written"):
        write_model(tmp_path, "base", MODEL, card)
    assert not (tmp_path / "base.tflite").exists()


def test_arena_is_that_of_the_firmware(card: dict[str, Any]) -> None:
    shipped = json.loads((TRAINED / "facet-small.json").read_text())
    assert card["arena_bytes"] == shipped["arena_bytes"] == 40_816  # as in the boot line
