"""A model that is evaluated again keeps the facts of its training in its card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from facet.dataset.labels import FERPLUS_NAMES
from models import evaluate
from models.evaluation import sets
from models.evaluation.card import TRAINED


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """facet-small, 60 images of noise for FER+, 48 of eight subjects for CK+."""
    monkeypatch.setattr(sets, "DRAWN_TEST_FACES", 10)
    for suffix in ("tflite", "json"):
        shutil.copy(TRAINED / f"facet-small.{suffix}", tmp_path)
    rng = np.random.default_rng(0)
    votes = np.zeros((60, 10), np.int8)
    votes[:, FERPLUS_NAMES.index("happiness")] = 10
    images = rng.integers(0, 256, (60, 48, 48), dtype=np.uint8)
    usage = np.repeat(np.array([0, 1], np.uint8), 30)
    np.savez(tmp_path / "fer.npz", images=images, usage=usage, ferplus=votes)
    np.savez(
        tmp_path / "ck.npz",
        images=images[:48],
        label=np.arange(48) % 5,
        label_names=np.array(["happy", "sadness", "anger", "surprise", "fear"]),
        subject=np.repeat(np.arange(8), 6),
    )
    return tmp_path


def run(folder: Path, name: str = "facet-small") -> Result:
    arguments = ["--data", "fer.npz", "--ck", "ck.npz", "--frames", "2", "--jobs", "1"]
    arguments = [str(folder / a) if a.endswith(".npz") else a for a in arguments]
    arguments += ["--work", str(folder / "work"), "--models", str(folder)]
    return CliRunner().invoke(evaluate.main, [name, *arguments])


def card_of(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "facet-small.json").read_text())
    return loaded


def test_the_card_is_rewritten_and_keeps_the_training(folder: Path) -> None:
    before = card_of(folder)
    result = run(folder)
    assert result.exit_code == 0, result.output
    after = card_of(folder)
    assert after["training"] == before["training"]
    assert after["sha256"] == before["sha256"]
    public = after["quality"]["public_test"]
    assert public["frames"] == 30
    assert "float_accuracy" not in public  # the float model was not evaluated on this noise
    assert after["quality"]["drawn"]["frames"] == 10
    assert after["robustness"]["frames"] == 2


def test_the_float_accuracy_stays_where_the_predictions_are_the_same(folder: Path) -> None:
    run(folder)
    card = card_of(folder)
    card["quality"]["public_test"]["float_accuracy"] = 0.123
    (folder / "facet-small.json").write_text(json.dumps(card))
    run(folder)
    assert card_of(folder)["quality"]["public_test"]["float_accuracy"] == 0.123


def test_a_model_of_ck_is_evaluated_on_the_held_out_subjects(folder: Path) -> None:
    card = card_of(folder)
    card["quality"] = {"ck_held_out": card["quality"]["public_test"]}
    (folder / "facet-small.json").write_text(json.dumps(card))
    assert run(folder).exit_code == 0
    after = card_of(folder)
    assert list(after["quality"]) == ["ck_held_out"]
    assert 0 < after["quality"]["ck_held_out"]["frames"] < 48
    assert after["robustness"]["set"] == "ck_held_out"


def test_the_cross_validation_stays_as_long_as_the_file_is_the_same(folder: Path) -> None:
    """The networks of its folds are not stored."""
    card = card_of(folder)
    others = {**card["quality"]["public_test"], "accuracy": 0.5}
    card["quality"] = {"ck_folds": others, "public_test": card["quality"]["public_test"]}
    card["robustness"]["set"] = "ck_folds"
    (folder / "facet-small.json").write_text(json.dumps(card))
    assert run(folder).exit_code == 0
    after = card_of(folder)
    assert list(after["quality"]) == ["ck_folds", "public_test"]
    assert after["quality"]["ck_folds"] == others
    assert after["quality"]["public_test"]["frames"] == 30
    assert after["robustness"] == card["robustness"]
    (folder / "facet-small.json").write_text(json.dumps({**after, "sha256": "of another file"}))
    assert run(folder).exit_code == 0
    assert list(card_of(folder)["quality"]) == ["public_test"]


def test_unknown_model_and_broken_card_are_refused(folder: Path) -> None:
    assert "nix.tflite: no such file" in run(folder, "nix").output
    (folder / "facet-small.json").write_text("{")
    broken = run(folder)
    assert broken.exit_code != 0
    assert "facet-small.json: not JSON" in broken.output
