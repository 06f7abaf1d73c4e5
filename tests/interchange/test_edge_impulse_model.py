"""`facet export edge-impulse --model`: a model for "bring your own model"."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from facet.dataset import load_frames
from facet.model.folder import names
from facet.resources import MODELS
from models.evaluation.tflm import HostModel
from tests.interchange.conftest import tree
from tests.model.surgeon import INPUTS, SCALE, ZERO_POINT, Surgeon

Facet = Callable[..., Result]


@pytest.mark.parametrize("name", names())
def test_every_model_with_all_that_the_service_asks_for(
    facet: Facet, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "byom"
    result = facet("export", "edge-impulse", "--model", name, "--out", out)
    assert result.exit_code == 0, result.output
    labels = json.loads((MODELS / f"{name}.json").read_text())["labels"]
    files = tree(out)
    assert set(files) == {f"{name}.tflite", "model.json", "labels.txt", "README.md", "deploy.py"}
    assert files[f"{name}.tflite"] == (MODELS / f"{name}.tflite").read_bytes()
    assert files["labels.txt"].decode().splitlines() == labels
    about = json.loads(files["model.json"])
    assert about["model"] == {"modelType": "classification", "labels": labels}
    assert about["input"] == {"inputType": "image", "inputScaling": "0..1"}
    model = HostModel(out / about["file"])
    assert model.input_shape == (1, about["height"], about["width"], about["channels"])
    assert model.scores(np.zeros((48, 48), np.uint8)).size == len(labels)
    assert f"labels={json.dumps(labels)}" in files["README.md"].decode()


def test_representative_features_are_what_the_network_sees(facet: Facet, tmp_path: Path) -> None:
    common = ("export", "edge-impulse", "--model", "facet-small", "--dataset", "drawn")
    result = facet(*common, "--limit", 3, "--out", tmp_path / "byom")
    assert "3 representative features" in result.output
    features = np.load(tmp_path / "byom" / "representative_features.npy")
    assert features.dtype == np.float32
    assert features.shape == (3, 48, 48, 1)
    assert 0 <= features.min() < features.max() <= 1
    pixels = np.rint(features[0, :, :, 0] * 255).astype(np.uint8)
    model = HostModel(MODELS / "facet-small.tflite")
    assert load_frames("drawn", "training", 1)[0].label == "happy"
    assert model.scores(pixels).argmax() == 0


def test_a_model_of_the_user_s_own(facet: Facet, tmp_path: Path) -> None:
    (tmp_path / "mine.tflite").write_bytes((MODELS / "facet-small.tflite").read_bytes())
    (tmp_path / "mine.json").write_text('{"labels": ["a", "b", "c", "d", "e"]}')
    out = tmp_path / "byom"
    result = facet("export", "edge-impulse", "--model", tmp_path / "mine.tflite", "--out", out)
    assert result.exit_code == 0, result.output
    assert json.loads((out / "model.json").read_text())["model"]["labels"] == list("abcde")


def test_a_model_whose_input_is_other_than_facet_s(facet: Facet, tmp_path: Path) -> None:
    surgeon = Surgeon()
    quantization = surgeon.quantization("CONV_2D", INPUTS)
    surgeon.put_element(quantization, SCALE, "f", 0, 2 / 255)
    surgeon.put_element(quantization, ZERO_POINT, "q", 0, 0)
    model = surgeon.save(tmp_path)
    model.with_suffix(".json").write_text('{"labels": ["a", "b", "c", "d", "e"]}')
    result = facet("export", "edge-impulse", "--model", model, "--out", tmp_path / "byom")
    assert result.exit_code == 2
    assert f"{model}: it takes pixels of -1 to 1; an export" in result.stderr
    assert not (tmp_path / "byom").exists()


def test_options_that_contradict(facet: Facet, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "byom")
    result = facet("export", "edge-impulse", *out)
    assert "give --dataset, or --model, or both" in result.stderr
    result = facet("export", "edge-impulse", "--model", "facet-small", "--labels", "five", *out)
    assert "the labels are the model's" in result.stderr
    assert not (tmp_path / "byom").exists()
