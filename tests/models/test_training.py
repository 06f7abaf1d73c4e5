"""Training itself, briefly; skipped where TensorFlow, an extra, is not installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")


def ck_of_noise(folder: Path) -> Path:
    """CK+ as far as its form goes: 60 pictures of noise of ten people."""
    path = folder / "ck.npz"
    np.savez(
        path,
        images=np.random.default_rng(0).integers(0, 256, (60, 48, 48), dtype=np.uint8),
        label=np.arange(60) % 3,
        label_names=np.array(["anger", "fear", "happy"]),
        subject=np.repeat([f"S{n}" for n in range(10)], 6),
    )
    return path


def test_a_broken_run_resumes_where_it_stopped(tmp_path: Path, data: Path) -> None:
    """Two epochs in one go and two with a break end in the same weights."""
    import keras
    from rich.console import Console

    from models.architectures import build
    from models.batches import AugmentedBatches
    from models.data import open_fer, split_fer
    from models.fit import Schedule, Trainer

    splits = split_fer(open_fer(data))
    none = splits.validation.__class__(splits.validation.images[:0], splits.validation.targets[:0])

    def trainer(folder: str) -> Trainer:
        keras.utils.set_random_seed(7)
        return Trainer(
            build("facet-small", 5),
            Schedule(epochs=2),
            AugmentedBatches(splits.training, none, 0.0, 7),
            splits.validation,
            tmp_path / folder,
        )

    console = Console(quiet=True)
    whole = trainer("whole")
    whole.train(console)

    broken = trainer("broken")
    first_epoch = broken._epoch

    def stopped_in_the_second(epoch: int, console: Console) -> float:
        if epoch == 1:
            raise KeyboardInterrupt
        return first_epoch(epoch, console)

    broken._epoch = stopped_in_the_second  # type: ignore[method-assign]
    broken.train(console)
    assert broken.best_epoch == 1  # Ctrl-C keeps the best so far

    resumed = trainer("broken")
    resumed.train(console)
    for a, b in zip(resumed._averages, whole._averages, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-5)


def test_training_writes_a_model_and_its_card(tmp_path: Path, data: Path) -> None:
    from click.testing import CliRunner

    from models.tflm import HostModel
    from models.train import main

    out = tmp_path / "out"
    arguments = ["--data", data, "--epochs", 1, "--drawn", 20, "--work", tmp_path, "--out", out]
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == ["facet-small.json", "facet-small.tflite"]
    card = json.loads((out / "facet-small.json").read_text())
    assert card["quality"]["public_test"]["frames"] == 50
    assert HostModel(out / "facet-small.tflite").scores(np.zeros((48, 48), np.uint8)).shape == (5,)


def test_a_taught_network_learns_what_the_teacher_says_of_each_face(
    tmp_path: Path, data: Path
) -> None:
    from rich.console import Console

    from facet.dataset.labels import FIVE
    from models.lessons import Sources, fer_lesson
    from models.recipes import Recipe

    sources = Sources(data, data, tmp_path, seed=3, drawn_faces=10, most_epochs=1)
    recipe = Recipe(epochs=1, taught=True)
    console = Console(quiet=True)
    batches = fer_lesson(FIVE, recipe, sources, console).batches
    images, targets = next(batches.epoch(0))
    again = next(batches.epoch(0))
    assert images.shape[1:] == (48, 48, 1)
    assert targets.sum(axis=1) == pytest.approx(np.ones(len(targets)), abs=1e-5)
    assert not np.isin(targets, (0, 1)).all()  # a teacher is never quite sure
    assert np.array_equal(images, again[0])
    assert not np.array_equal(images[:8], next(batches.epoch(1))[0][:8])
    (opinions,) = tmp_path.glob("opinions-*")
    written = opinions.stat().st_mtime_ns
    fer_lesson(FIVE, recipe, sources, console)
    assert opinions.stat().st_mtime_ns == written  # read, not worked out anew


def test_the_opinions_of_the_project_spare_a_teacher(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python -m models.teach`` writes them, and a network learns from them."""
    from click.testing import CliRunner
    from rich.console import Console

    from facet.dataset.labels import FIVE
    from models import lessons
    from models.recipes import Recipe
    from models.teach import main

    shipped = tmp_path / "teacher-opinions.npz"
    arguments = ["--data", data, "--epochs", 1, "--work", tmp_path / "hers", "--out", shipped]
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    monkeypatch.setattr(lessons, "SHIPPED", shipped)
    sources = lessons.Sources(data, data, tmp_path / "mine", seed=3, drawn_faces=10)
    recipe = Recipe(epochs=1, taught=True)
    lesson = lessons.fer_lesson(FIVE, recipe, sources, Console(quiet=True))
    assert lesson.provenance["teacher"]["epochs"] == 1
    assert not list((tmp_path / "mine").glob("teacher-*"))


def test_a_network_of_ck_folds_learns_all_people_and_is_judged_by_strangers(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from facet.dataset.labels import LABEL_SETS
    from models import train
    from models.data import ck_folds, open_ck
    from models.recipes import RECIPES, Recipe

    ck = ck_of_noise(tmp_path)
    six = LABEL_SETS["six"]
    folds = ck_folds(open_ck(ck), six, 2)
    assert sum(len(fold.validation) for fold in folds) == 60  # each face is judged once
    assert [fold.training_subjects for fold in folds] == [5, 5]
    recipe = Recipe(1, "ck", taught=True, follows="facet-small", drawn=False, folds=2)
    monkeypatch.setitem(RECIPES, "facet-ck", recipe)
    monkeypatch.setitem(RECIPES, "facet-small", Recipe(1))
    arguments = ["--model", "facet-ck", "--data", data, "--ck", ck, "--epochs", 1, "--drawn", 10]
    arguments += ["--work", tmp_path, "--out", tmp_path / "out", "--jobs", 1]
    result = CliRunner().invoke(train.main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    card = json.loads((tmp_path / "out" / "facet-ck.json").read_text())
    assert card["quality"]["ck_folds"]["frames"] == 60
    assert card["robustness"]["set"] == "ck_folds"
    assert card["training"]["ck_subjects"] == 10
    assert card["training"]["held_out_subjects"] == 0


def test_a_network_for_ck_begins_with_what_it_learnt_from_fer(tmp_path: Path, data: Path) -> None:
    import keras
    from rich.console import Console

    from facet.dataset.labels import LABEL_SETS
    from models.architectures import architecture
    from models.lessons import Sources, ck_lesson
    from models.recipes import Recipe

    ck = ck_of_noise(tmp_path)
    recipe = Recipe(epochs=1, corpus="ck", taught=True, follows="facet-small", drawn=False)
    sources = Sources(data, ck, tmp_path, seed=3, drawn_faces=10, most_epochs=1)
    six = LABEL_SETS["six"]
    lesson = ck_lesson(six, recipe, sources, Console(quiet=True))
    _, targets = next(lesson.batches.epoch(0))
    people_say = (targets.max(axis=1) == 1).mean()  # of CK+; of FER+'s faces the teacher is unsure
    assert people_say == 0.5
    keras.utils.set_random_seed(3)
    model = architecture("facet-small").build(len(six.labels))
    before = model.get_weights()
    assert lesson.start is not None
    lesson.start(model)
    learnt = model.get_weights()
    assert [w.shape for w in learnt] == [w.shape for w in before]
    assert not np.allclose(learnt[0], before[0])
    kernel, kernel_before = learnt[-2], before[-2]
    unseen = six.labels.index("afraid")
    assert np.allclose(kernel[:, unseen], kernel_before[:, unseen] * 0.1)
    assert not np.allclose(kernel, kernel_before * 0.1)


def test_evening_out_channels_leaves_the_float_network_and_helps_the_int8_one() -> None:
    import keras

    from models.architectures import build
    from models.equalize import equalize
    from models.fit import predict
    from models.quantize import quantize
    from models.tflm import outputs_of

    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = build("facet-nano", 5)
    for layer in model.layers:  # channels of very different ranges, as training makes them
        if layer.name.endswith("depthwise_norm"):
            layer.gamma.assign(np.exp(rng.normal(0, 1.5, layer.gamma.shape)))
    images = rng.integers(0, 256, (64, 48, 48), dtype=np.uint8)
    typical = images[..., None].astype(np.float32) * np.float32(1 / 255)
    real = predict(model, images)

    def int8_error() -> float:
        said = (outputs_of(quantize(model, typical), images).astype(np.float32) + 128) / 256
        return float(np.abs(said - real).mean())

    plain = int8_error()
    equalize(model, typical)
    np.testing.assert_allclose(predict(model, images), real, atol=1e-4)
    assert int8_error() < plain
