"""Every trained model: its card is true, and the firmware can run it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.dataset import EMOTIONS, Scene, load_frames
from facet.errors import FacetError
from models.data.splits import open_fer, split_fer
from models.evaluation.card import TRAINED, quality
from models.evaluation.graph import FIRMWARE_OPERATORS, Graph
from models.evaluation.tflm import HostModel

FER = Path("../shared/data/fer2013_train_public.npz")
MODELS = sorted(path.stem for path in TRAINED.glob("*.tflite"))


def card(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((TRAINED / f"{name}.json").read_text())
    return loaded


def test_the_default_model_exists() -> None:
    assert "facet-small" in MODELS


@pytest.mark.parametrize("name", MODELS)
def test_card_matches_its_file(name: str) -> None:
    data = (TRAINED / f"{name}.tflite").read_bytes()
    read = card(name)
    assert read["name"] == name
    assert read["file_bytes"] == len(data)
    assert read["sha256"] == hashlib.sha256(data).hexdigest()
    graph = Graph(data)
    assert read["macs"] == graph.macs == sum(op["macs"] for op in read["operators"])
    assert read["parameters"] == graph.parameters
    assert read["peak_activation_bytes"] == graph.peak_activation_bytes


@pytest.mark.parametrize("name", MODELS)
def test_firmware_has_its_operators_and_input(name: str) -> None:
    path = TRAINED / f"{name}.tflite"
    assert Graph(path.read_bytes()).operator_names <= FIRMWARE_OPERATORS
    model = HostModel(path)
    read = card(name)
    assert model.input_shape == (1, read["input"]["height"], read["input"]["width"], 1)
    every_pixel = np.arange(256).astype(np.uint8)
    assert np.array_equal(model.quantize(every_pixel), np.arange(-128, 128))  # pixel / 255
    ramp = np.arange(256, dtype=np.uint8)
    assert np.array_equal(model.quantize(ramp), ramp.astype(int) - 128)


def test_facet_small_macs_by_hand() -> None:
    stem = 24 * 24 * 12 * 9
    down1 = 12 * 12 * 32 * 9 * 12
    block1 = 12 * 12 * 32 * (9 + 32)
    down2 = 6 * 6 * (32 * 9 + 32 * 84)
    block2 = 6 * 6 * 84 * (9 + 84)
    down3 = 3 * 3 * (84 * 9 + 84 * 112)
    head = 112 * 9 * 96 + 96 * 5
    by_hand = stem + down1 + 2 * block1 + down2 + 3 * block2 + down3 + head
    assert card("facet-small")["macs"] == by_hand
    assert by_hand <= 2_100_000


def test_facet_small_is_small_enough_for_a_64_kb_part() -> None:
    read = card("facet-small")
    assert read["peak_activation_bytes"] <= 40_000
    assert read["file_bytes"] <= 180_000  # of the 256 KB of flash that such a part has


def test_drawn_faces_are_recognized_through_the_camera_s_optics() -> None:
    """The way from the scene through the scaling by 3 in the camera and by 2 in the firmware."""
    model = HostModel(TRAINED / "facet-small.tflite")
    right = dict.fromkeys(EMOTIONS, 0)
    frames = load_frames("drawn", "private", 60)
    for frame in frames:
        window = Scene().render(frame.image)[4:292, 56:344].astype(int)
        small = (window.reshape(48, 6, 48, 6).sum(axis=(1, 3)) + 18) // 36
        predicted = EMOTIONS[int(model.scores(small.astype(np.uint8)).argmax())]
        if frame.label == predicted:
            right[predicted] += 1
    assert min(right.values()) >= 11, right  # of 12 each


@pytest.mark.slow
@pytest.mark.skipif(not FER.exists(), reason=f"{FER} does not exist")
def test_the_metrics_of_facet_small_on_public_test_are_those_of_its_card() -> None:
    read = card("facet-small")["quality"]["public_test"]
    assert read["accuracy"] >= 0.83
    public = split_fer(open_fer(FER)).public
    model = HostModel(TRAINED / "facet-small.tflite")
    outputs = model.scores_of(public.images)
    scale, zero_point = model.output_scale, model.output_zero_point
    measured = quality(EMOTIONS, public.classes, outputs, scale, zero_point)
    assert measured == {key: value for key, value in read.items() if key != "float_accuracy"}


def test_a_file_that_is_not_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.tflite"
    path.write_text("hello, I am not a model")
    with pytest.raises(FacetError, match=r"text\.tflite: not a TensorFlow Lite model"):
        HostModel(path)


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("facet-small", {"macs": 2_100_000, "peak_activation_bytes": 96 * 1024}),
        ("facet-nano", {"macs": 900_000, "file_bytes": 30_000}),
    ],
)
def test_facets_own_models_keep_their_budgets(name: str, limits: dict[str, int]) -> None:
    read = card(name)
    assert read["file_bytes"] == (TRAINED / f"{name}.tflite").stat().st_size
    assert {key: read[key] <= most for key, most in limits.items()} == dict.fromkeys(limits, True)
