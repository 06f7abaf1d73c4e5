"""Training itself, briefly; skipped where TensorFlow, an extra, is not installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.dataset.labels import FERPLUS_NAMES

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    votes = np.zeros((400, 10), np.int8)
    votes[np.arange(400), rng.integers(0, 5, 400)] = 10
    path = tmp_path / "noise.npz"
    np.savez(
        path,
        images=rng.integers(0, 256, (400, 48, 48), dtype=np.uint8),
        usage=np.repeat(np.array([0, 1], np.uint8), [350, 50]),
        ferplus=votes,
        ferplus_names=np.array(FERPLUS_NAMES),
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
            build("facet-base", 5),
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
    assert sorted(path.name for path in out.iterdir()) == ["facet-base.json", "facet-base.tflite"]
    card = json.loads((out / "facet-base.json").read_text())
    assert card["quality"]["public_test"]["frames"] == 50
    assert HostModel(out / "facet-base.tflite").scores(np.zeros((48, 48), np.uint8)).shape == (5,)
