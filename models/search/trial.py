"""One trial: trains a candidate for a few epochs and validates it. Runs in a Dask worker."""

from __future__ import annotations

import gc
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from facet.dataset.labels import FIVE
from facet.errors import FacetError
from models.data.batches import AugmentedBatches
from models.data.examples import Examples
from models.data.splits import FerSplits, open_fer, split_fer
from models.distillation.soft_labels import (
    TEACHER_CLASSES,
    distilled_examples,
    read_soft_labels,
)
from models.options import require_tensorflow
from models.search.space import Candidate, plan_of

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class TrialData:
    """The data of all trials of a search.

    Args:
        fer: FER2013 with FER+ votes, at a path that exists on each worker.
        sha256: of that file.
        soft_labels: a teacher's soft labels (``models.distillation``); None: train on the votes.
    """

    fer: Path
    sha256: str
    soft_labels: Path | None = None


@dataclass(frozen=True)
class Trial:
    """The training of a candidate in one rung.

    Args:
        number: of the candidate, from 1.
        rung: from 0.
        epochs: passes over the training set.
        seed: of weights and batches.
        candidate: the network and its hyperparameters.
        data: the training data.
    """

    number: int
    rung: int
    epochs: int
    seed: int
    candidate: Candidate
    data: TrialData


@dataclass(frozen=True)
class Score:
    """The validation of the averaged weights of the best epoch.

    Args:
        accuracy: 0..1.
        cross_entropy: in nats.
        best_epoch: from 1.
    """

    accuracy: float
    cross_entropy: float
    best_epoch: int


def run(trial: Trial) -> Score:
    """Train and validate a candidate on one core; the result does not depend on the workers.

    Raises:
        FacetError: the data is missing or has changed, or TensorFlow is not installed or in use.
    """
    require_tensorflow(threads=1)  # one order of sums everywhere, and workers share no core
    import keras

    from models.architectures.family import network
    from models.training.trainer import Schedule, Trainer

    splits = _splits(trial.data)
    plan = plan_of(trial.candidate)
    network_model = network(plan, splits.training.targets.shape[1], f"trial-{trial.number}")
    model = _seeded(network_model, trial.seed)
    schedule = Schedule(
        trial.epochs, trial.candidate["learning_rate"], trial.candidate["weight_decay"]
    )
    with tempfile.TemporaryDirectory(prefix="facet-trial-") as folder:
        trainer = Trainer(
            model,
            schedule,
            _batches(trial, splits),
            splits.validation,
            Path(folder),
        )
        trainer.train(Console(quiet=True))
    score = Score(
        accuracy=round(trainer.best_accuracy, 6),
        cross_entropy=round(trainer.best_cross_entropy, 6),
        best_epoch=trainer.best_epoch,
    )
    del trainer, model
    keras.backend.clear_session()
    gc.collect()
    return score


def _seeded(model: keras.Model, seed: int) -> keras.Model:
    """A copy of a network in which every layer and initializer has a seed of its own.

    Without one, Keras takes the seed from Python's global generator, which the threads of a Dask
    worker use too, so that ``keras.utils.set_random_seed`` is not enough.
    """
    import keras

    rng = np.random.default_rng(seed)

    def with_seeds(config: Any) -> Any:
        if not isinstance(config, dict):
            return config
        return {
            key: int(rng.integers(1 << 31))
            if key == "seed" and value is None
            else with_seeds(value)
            for key, value in config.items()
        }

    def copy(layer: keras.Layer) -> keras.Layer:
        return type(layer).from_config(with_seeds(layer.get_config()))

    return keras.models.clone_model(model, clone_function=copy)


@lru_cache(maxsize=1)
def _splits(data: TrialData) -> FerSplits:
    splits = split_fer(open_fer(data.fer))
    if splits.sha256 != data.sha256:
        raise FacetError(
            f"{data.fer}: a worker has other data (SHA-256 {splits.sha256[:16]}) than the search "
            f"({data.sha256[:16]})"
        )
    return splits


def _batches(trial: Trial, splits: FerSplits) -> AugmentedBatches:
    """Augmented batches with the teacher's soft labels if there are any, else with the votes."""
    training = splits.training
    if trial.data.soft_labels:
        examples = split_fer(open_fer(trial.data.fer), TEACHER_CLASSES).training
        training = distilled_examples(read_soft_labels(trial.data.soft_labels), examples, FIVE)
    return AugmentedBatches(training, Examples.empty(FIVE), 0.0, trial.seed)
