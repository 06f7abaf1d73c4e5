"""Short trainings; skipped where TensorFlow, an extra, is not installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from facet import progress
from facet.dataset.labels import FIVE
from models.train import main
from models.training.recipes import RECIPES, Recipe

CONSOLE = Console(quiet=True)


def test_training_without_data_names_the_missing_option(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--data", "nowhere.npz", "--out", str(out), "--work", str(tmp_path / "work")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0
    assert "nowhere.npz: no training data; give FER2013 with FER+ votes by --data" in result.output
    assert not out.exists()


def test_an_unknown_network_is_refused_first(tmp_path: Path, data: Path) -> None:
    work = tmp_path / "work"
    arguments = ["--model", "resnet", "--data", str(data), "--work", str(work)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0
    assert "no network 'resnet': choose one of emotionnet-nano-a, " in result.output
    assert not work.exists()


def tensorflow() -> None:
    pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")


@pytest.mark.slow
def test_an_interrupted_run_resumes_where_it_stopped(tmp_path: Path, data: Path) -> None:
    """Two epochs at once and two with an interruption give the same weights."""
    tensorflow()
    import keras

    from models.architectures.registry import architecture
    from models.data.batches import AugmentedBatches
    from models.data.examples import Examples
    from models.data.splits import open_fer, split_fer
    from models.training.trainer import Schedule, Trainer

    splits = split_fer(open_fer(data))

    def trainer(folder: str) -> Trainer:
        keras.utils.set_random_seed(7)
        return Trainer(
            architecture("facet-small").build(),
            Schedule(epochs=2),
            AugmentedBatches(splits.training, Examples.empty(FIVE), 0.0, 7),
            splits.validation,
            tmp_path / folder,
        )

    whole = trainer("whole")
    whole.train(CONSOLE)

    interrupted = trainer("interrupted")
    first_epoch = interrupted._epoch

    def interrupt_the_second(epoch: int, has_progress: bool) -> float:
        if epoch == 1:
            raise KeyboardInterrupt
        return first_epoch(epoch, has_progress)

    interrupted._epoch = interrupt_the_second  # type: ignore[method-assign]
    interrupted.train(CONSOLE)
    assert interrupted.stopped
    assert interrupted.best_epoch == 1  # Ctrl-C keeps the best so far

    resumed = trainer("interrupted")
    resumed.train(CONSOLE)
    assert resumed.best_epoch == whole.best_epoch
    for a, b in zip(resumed._averages, whole._averages, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_training_writes_a_model_with_its_card_and_reports_progress(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of the work reports in lines if standard error is not a terminal."""
    tensorflow()
    from models.evaluation.tflm import HostModel

    monkeypatch.setattr(progress, "LINE_INTERVAL_S", 0.02)
    out = tmp_path / "out"
    arguments = ["--data", data, "--epochs", 1, "--drawn", 20, "--work", tmp_path, "--out", out]
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == ["facet-small.json", "facet-small.tflite"]
    card = json.loads((out / "facet-small.json").read_text())
    assert card["quality"]["public_test"]["frames"] == 50
    assert HostModel(out / "facet-small.tflite").scores(np.zeros((48, 48), np.uint8)).shape == (5,)
    for work in ("drawn training faces", "epoch 1/1: batches", "robustness test: frames rendered"):
        assert f"{work}: " in result.stderr, sys.stderr


@pytest.mark.slow
def test_a_student_is_trained_on_the_teacher_s_soft_labels(tmp_path: Path, data: Path) -> None:
    tensorflow()
    from models.training.datasets import Settings, load_training_data

    settings = Settings(data, data, tmp_path, seed=3, drawn_faces=10, max_epochs=1)
    recipe = Recipe(epochs=1, distilled=True)
    batches = load_training_data(FIVE, recipe, settings, CONSOLE).batches
    images, targets = next(batches.epoch(0))
    again = next(batches.epoch(0))
    assert images.shape[1:] == (48, 48, 1)
    assert targets.sum(axis=1) == pytest.approx(np.ones(len(targets)), abs=1e-5)
    assert not np.isin(targets, (0, 1)).all()  # a teacher is never certain
    assert np.array_equal(images, again[0])
    assert not np.array_equal(images[:8], next(batches.epoch(1))[0][:8])
    (soft_labels,) = tmp_path.glob("soft-labels-*")
    written = soft_labels.stat().st_mtime_ns
    load_training_data(FIVE, recipe, settings, CONSOLE)
    assert soft_labels.stat().st_mtime_ns == written  # read, not computed again


@pytest.mark.slow
def test_shipped_soft_labels_make_a_teacher_s_training_unnecessary(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python -m models.train_teacher`` writes them."""
    tensorflow()
    from models import train_teacher
    from models.distillation import teacher
    from models.training.datasets import Settings, load_training_data

    shipped = tmp_path / "soft_labels.npz"
    arguments = ["--data", data, "--epochs", 1, "--work", tmp_path / "teacher", "--out", shipped]
    result = CliRunner().invoke(train_teacher.main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    monkeypatch.setattr(teacher, "SHIPPED", shipped)
    settings = Settings(data, data, tmp_path / "student", seed=3, drawn_faces=10)
    loaded = load_training_data(FIVE, Recipe(epochs=1, distilled=True), settings, CONSOLE)
    assert loaded.provenance["teacher"]["epochs"] == 1
    assert not list((tmp_path / "student").glob("teacher-*"))


@pytest.mark.slow
def test_cross_validation_on_ck_predicts_each_face_once(
    tmp_path: Path, data: Path, ck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model itself is trained on all subjects."""
    tensorflow()
    recipe = Recipe(
        1, "ck", distilled=True, initialize_from="facet-small", drawn_faces=False, folds=2
    )
    monkeypatch.setitem(RECIPES, "facet-ck", recipe)
    monkeypatch.setitem(RECIPES, "facet-small", Recipe(1))
    arguments = ["--model", "facet-ck", "--data", data, "--ck", ck, "--epochs", 1, "--drawn", 10]
    arguments += ["--work", tmp_path, "--out", tmp_path / "out", "--jobs", 1]
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    card = json.loads((tmp_path / "out" / "facet-ck.json").read_text())
    assert card["quality"]["ck_folds"]["frames"] == 60
    assert card["robustness"]["set"] == "ck_folds"
    assert card["training"]["ck_subjects"] == 10
    assert card["training"]["held_out_subjects"] == 0
    assert card["training"]["pretraining"]["network"] == "facet-small"


@pytest.mark.slow
def test_a_network_for_ck_starts_from_its_weights_for_fer(
    tmp_path: Path, data: Path, ck: Path
) -> None:
    tensorflow()
    import keras

    from models.architectures.registry import architecture
    from models.training.datasets import Settings
    from models.training.pipeline import Pipeline

    recipe = Recipe(
        epochs=1, dataset="ck", distilled=True, initialize_from="facet-small", drawn_faces=False
    )
    settings = Settings(data, ck, tmp_path, seed=3, drawn_faces=10, max_epochs=1)
    network = architecture("facet-ck")
    loaded = Pipeline(network, recipe, settings, CONSOLE).load_data()
    _, targets = next(loaded.batches.epoch(0))
    certain = (targets.max(axis=1) == 1).mean()  # CK+'s labels are certain, the teacher's are not
    assert certain == 0.5
    keras.utils.set_random_seed(3)
    model = network.build()
    before = model.get_weights()
    assert loaded.initialize is not None
    loaded.initialize(model)
    after = model.get_weights()
    assert [w.shape for w in after] == [w.shape for w in before]
    assert not np.allclose(after[0], before[0])
    kernel, kernel_before = after[-2], before[-2]
    new_class = network.label_set.labels.index("afraid")
    assert np.allclose(kernel[:, new_class], kernel_before[:, new_class] * 0.1)
    assert not np.allclose(kernel, kernel_before * 0.1)


@pytest.mark.slow
def test_equalization_keeps_the_float_network_and_helps_the_int8_network() -> None:
    tensorflow()
    import keras

    from models.architectures.registry import architecture
    from models.data.examples import as_network_input
    from models.evaluation.inference import predict_int8
    from models.quantization.convert import quantize
    from models.quantization.equalization import equalize
    from models.training.trainer import predict

    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = architecture("facet-nano").build()
    for layer in model.layers:  # channels of very different ranges, as training makes them
        if layer.name.endswith("depthwise_norm"):
            layer.gamma.assign(np.exp(rng.normal(0, 1.5, layer.gamma.shape)))
    images = rng.integers(0, 256, (64, 48, 48), dtype=np.uint8)
    calibration = as_network_input(images)
    expected = predict(model, images)

    def int8_error() -> float:
        outputs = predict_int8(quantize(model, calibration), images)
        return float(np.abs((outputs.astype(np.float32) + 128) / 256 - expected).mean())

    before = int8_error()
    equalize(model, calibration)
    np.testing.assert_allclose(predict(model, images), expected, atol=1e-4)
    assert int8_error() < before
