"""`facet models`: what a user sees of the trained models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from facet.resources import MODELS

Facet = Callable[..., Result]

FACET_SMALL = json.loads((MODELS / "facet-small.json").read_text())


def put(folder: Path, name: str, **changes: Any) -> None:
    """A model like facet-small but for some of its card's entries."""
    (folder / f"{name}.tflite").write_bytes(b"\0\0\0\0TFL3")
    card = {**FACET_SMALL, "name": name, **changes}
    (folder / f"{name}.json").write_text(json.dumps(card))


def with_accuracy(accuracy: float, **more: Any) -> dict[str, Any]:
    figures = FACET_SMALL["quality"]["public_test"]
    return {"public_test": {**figures, "accuracy": accuracy, **more}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    seven = [*FACET_SMALL["labels"], "afraid", "disgusted"]
    classes = [{**FACET_SMALL["quality"]["public_test"]["classes"][0], "label": x} for x in seven]
    five_class = {"frames": 3100, "accuracy": 0.91, "macro_f1": 0.9}
    put(
        tmp_path,
        "large",
        labels=seven,
        macs=38_300_000,
        arena_bytes=289_184,
        quality=with_accuracy(0.77, classes=classes, five_class=five_class),
    )
    put(tmp_path, "poor", quality=with_accuracy(0.5))
    put(tmp_path, "good", quality=with_accuracy(0.9), arena_bytes=60_000)
    put(tmp_path, "person", quality={"ck_held_out": with_accuracy(0.97)["public_test"]})
    return tmp_path


def row_of(result: Result, name: str) -> list[str]:
    return next(line.split() for line in result.output.splitlines() if line.startswith(name))


def test_the_models_that_come_with_facet_are_listed(facet: Facet) -> None:
    result = facet("models")
    assert result.exit_code == 0, result.output
    row = row_of(result, "facet-small")
    assert row[1] == "five"
    assert f"{FACET_SMALL['quality']['public_test']['accuracy']:.3f}" in row
    assert f"{FACET_SMALL['parameters']:,}" in row
    assert " ".join(row).endswith("FER+ all boards")


def test_models_are_sorted_by_classes_then_accuracy(facet: Facet, folder: Path) -> None:
    result = facet("models", "--folder", folder)
    names = [line.split()[0] for line in result.output.splitlines()[1:5]]
    assert names == ["person", "good", "poor", "large"]
    assert "CK+" in row_of(result, "person")
    large = row_of(result, "large")
    assert large[7:9] == ["0.770", "0.910"]  # of its seven classes, and of the five


def test_list_tells_where_a_model_fits(facet: Facet, folder: Path) -> None:
    result = facet("models", "--folder", folder)
    assert " ".join(row_of(result, "good")).endswith("not nucleo_l432kc")
    assert row_of(result, "large")[-1] == "esp32c3_devkitm"
    assert max(map(len, result.output.splitlines())) <= 120
    assert "…" not in result.output


def test_list_is_json_where_it_is_asked_for(facet: Facet, folder: Path) -> None:
    models = json.loads(facet("models", "--json", "--folder", folder).output)
    large = next(model for model in models if model["name"] == "large")
    assert large["five_class_accuracy"] == 0.91
    assert large["label_set"] == "seven"
    l476 = large["boards"]["nucleo_l476rg"]
    assert not l476["fits"]
    assert l476["why_not"].startswith("RAM: it needs 289,184 bytes, 95,")  # of SRAM1's 98,304


def test_one_model_is_shown_in_full(facet: Facet) -> None:
    result = facet("models", "facet-small")
    assert result.exit_code == 0, result.output
    figures = FACET_SMALL["quality"]["public_test"]
    for row in figures["confusion"]:
        assert " ".join(f"{count:,}" for count in row) in " ".join(result.output.split())
    for entry in FACET_SMALL["robustness"]["conditions"]:
        assert entry["condition"] in result.output
    assert "depthwise_conv_2d" in result.output
    assert f"{figures['edge_impulse']['accuracy']:.3f}" in result.output
    assert "data: fer2013_train_public.npz" in result.output


def test_one_model_as_json_is_its_card_and_the_boards(facet: Facet) -> None:
    shown = json.loads(facet("models", "facet-small", "--json").output)
    boards = shown.pop("boards")
    assert shown == FACET_SMALL
    assert boards["nucleo_l432kc"] == {"fits": True, "why_not": None}


def test_unknown_model_is_refused(facet: Facet, folder: Path) -> None:
    result = facet("models", "nix", "--folder", folder)
    assert result.exit_code == 2
    assert "no model 'nix'" in result.output
    assert "good, large, person, poor" in result.output


def test_no_models_at_all(facet: Facet, tmp_path: Path) -> None:
    result = facet("models", "--folder", tmp_path)
    assert result.exit_code == 2
    assert "no models in" in result.output


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no JSON"),
        ("[]", "it must be a JSON object"),
        ('{"name": "broken"}', "it lacks 'quality'"),
        (json.dumps({**FACET_SMALL, "labels": ["sad", "sadness"]}), "mean the same"),
        (json.dumps({**FACET_SMALL, "robustness": {}}), "it lacks 'worst'"),
        (json.dumps({**FACET_SMALL, "macs": None}), "int()"),
    ],
)
def test_broken_card_is_named(facet: Facet, folder: Path, text: str, complaint: str) -> None:
    (folder / "broken.tflite").write_bytes(b"\0\0\0\0TFL3")
    (folder / "broken.json").write_text(text)
    result = facet("models", "--folder", folder)
    assert result.exit_code == 2
    assert "broken.json: a broken card" in result.output
    assert complaint in result.output
    assert len(result.output.splitlines()) == 1


def test_missing_card_is_named(facet: Facet, folder: Path) -> None:
    (folder / "bare.tflite").write_bytes(b"\0\0\0\0TFL3")
    result = facet("models", "--folder", folder)
    assert result.exit_code == 2
    assert "bare.json: cannot be read (No such file or directory)" in result.output
