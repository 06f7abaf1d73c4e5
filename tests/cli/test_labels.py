"""`facet sim` and `facet eval` with models of other classes than the five."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import Result

from facet.dataset.faces import draw_face
from facet.firmware.labels import labels_in
from tests.firmware_under_test import firmware

Facet = Callable[..., Result]

NOISE = Path(__file__).parent.parent / "firmware" / "models" / "gap.tflite"
"""A model with five outputs and random weights."""

CK_NAMES = ["anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"]


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Path]:
    """A model whose card has these labels."""

    def make(*labels: str) -> Path:
        shutil.copy(NOISE, tmp_path / "noise.tflite")
        (tmp_path / "noise.json").write_text(json.dumps({"labels": labels}))
        return tmp_path / "noise.tflite"

    return make


@pytest.fixture
def ck48(tmp_path: Path) -> Path:
    """Seven drawn faces with the keys of CK+48: no splits, a label of each kind."""
    path = tmp_path / "ck.npz"
    np.savez(
        path,
        images=np.stack([draw_face("happy", seed, 48).gray for seed in range(7)]),
        label=np.arange(7),
        label_names=np.array(CK_NAMES),
        subject=np.arange(7),
    )
    return path


@pytest.mark.slow
def test_a_models_own_classes_are_shown_and_counted(
    facet: Facet, model: Callable[..., Path], ck48: Path, tmp_path: Path
) -> None:
    labels = ["disgusted", "happy", "sad", "afraid", "contemptuous"]
    file = tmp_path / "eval.json"
    result = facet(
        *("eval", "--dataset", ck48, "--split", "private", "--jobs", "1", "--json", file),
        *("--model", model(*labels)),
    )
    assert result.exit_code == 0, result.output
    report = json.loads(file.read_text())
    assert report["labels"] == labels
    # CK+'s order, without its anger and its surprise, which the model has no class for.
    shown = [decision["label"] for decision in report["results"]]
    assert shown == ["contemptuous", "disgusted", "afraid", "happy", "sad"]
    assert all(entry["said"] in labels for entry in report["results"])
    assert [sum(row) for row in report["confusion"]] == [1] * 5


@pytest.mark.slow
def test_classes_that_are_not_emotions(
    facet: Facet, model: Callable[..., Path], tmp_path: Path
) -> None:
    labels = ["open", "closed", "half open", "left", "right"]
    for number, label in enumerate(labels):
        (tmp_path / "eyes" / label).mkdir(parents=True)
        path = tmp_path / "eyes" / label / f"{number}.png"
        cv2.imwrite(str(path), draw_face("happy", number, 48).gray)
    common = ("--dataset", tmp_path / "eyes", "--model", model(*labels))
    result = facet("eval", *common, "--json", tmp_path / "eval.json", "--jobs", "1")
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "eval.json").read_text())
    assert figures["labels"] == labels
    assert [sum(row) for row in figures["confusion"]] == [1] * 5
    result = facet("sim", *common, "--out", tmp_path / "sim")
    assert result.exit_code == 0, result.output
    decisions = json.loads((tmp_path / "sim/results.json").read_text())["decisions"]
    assert {decision["label"] for decision in decisions} == set(labels)
    result = facet("export", "edge-impulse", *common, "--out", tmp_path / "ei")
    assert "5 labels, 5 representative features" in result.output


@pytest.mark.parametrize("command", ["sim", "eval"])
def test_data_without_the_models_classes_is_refused_before_anything_is_built(
    facet: Facet, model: Callable[..., Path], command: str
) -> None:
    chosen = model("afraid", "disgusted", "contemptuous")
    result = facet(command, "--dataset", "drawn", "--model", chosen)
    assert result.exit_code == 2
    assert "none of which is one of the model's classes (afraid, disgusted, cont" in result.output
    assert result.output.count("\n") == 1


def test_labels_that_mean_the_same_are_named_with_their_card(
    facet: Facet, model: Callable[..., Path]
) -> None:
    result = facet("sim", "--model", model("happy", "joy"))
    assert result.exit_code == 2
    assert "noise.json: two labels, 'happy' and 'joy', mean the same" in result.output


@pytest.mark.parametrize("command", ["sim", "eval"])
def test_a_firmware_with_a_model_and_another_model_are_refused_together(
    facet: Facet, command: str
) -> None:
    result = facet(command, "--firmware", firmware(), "--model", "tinyvision", "--dataset", "drawn")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "has a model of its own, which answers; leave out one of the two options" in (
        result.output
    )


def test_a_firmware_tells_its_classes_and_a_flat_image_does_not(tmp_path: Path) -> None:
    assert labels_in(firmware()) == ("happy", "sad", "angry", "surprised", "neutral")
    image = tmp_path / "flat.bin"
    image.write_bytes(b"\0" * 512)
    assert labels_in(image) is None
    assert labels_in(tmp_path / "missing.elf") is None
