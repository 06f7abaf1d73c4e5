"""One trial: a candidate trained for a few epochs and scored. Runs in a worker of Dask."""

from __future__ import annotations

import gc
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facet.errors import FacetError
from models.sweep.space import Candidate

if TYPE_CHECKING:
    import keras

    from models.batches import AugmentedBatches
    from models.data import Examples, FerSplits


@dataclass(frozen=True)
class Corpus:
    """What all trials of a sweep learn from.

    Args:
        fer: FER2013 with FER+ votes, where a worker finds it.
        sha256: of that file.
        opinions: what a teacher says of each face (``models.opinions``); None: people's votes.
    """

    fer: Path
    sha256: str
    opinions: Path | None = None


@dataclass(frozen=True)
class Trial:
    """A candidate's training in one rung.

    Args:
        number: from 1.
        rung: from 0.
        epochs: passes over the faces.
        seed: of weights and batches.
        candidate: what is trained.
        corpus: on what.
    """

    number: int
    rung: int
    epochs: int
    seed: int
    candidate: Candidate
    corpus: Corpus


@dataclass(frozen=True)
class Score:
    """What the averaged weights make of the validation faces; see ``journal.Result``."""

    accuracy: float
    cross_entropy: float
    best_epoch: int


def run(trial: Trial) -> Score:
    """Train a candidate and score it, on one core, with the same result on any number of workers.

    Raises:
        FacetError: no data where the trial says, other data, or TensorFlow is not installed.
    """
    _start_tensorflow()
    import keras
    from rich.console import Console

    from models.architectures.family import network
    from models.fit import Schedule, Trainer

    splits = _splits(trial.corpus)
    candidate = trial.candidate
    model = _seeded(
        network(candidate.plan, splits.training.targets.shape[1], f"trial-{trial.number}"),
        trial.seed,
    )
    with tempfile.TemporaryDirectory(prefix="facet-trial-") as folder:
        trainer = Trainer(
            model,
            Schedule(trial.epochs, candidate.peak_rate, candidate.weight_decay),
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


def _start_tensorflow() -> None:
    """One thread: sums come in the same order on every machine, and workers share no core."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
    except ImportError:
        raise FacetError(
            "a worker has no TensorFlow: pip install '.[train]' where it runs"
        ) from None
    threading = tf.config.threading
    if threading.get_intra_op_parallelism_threads() != 1:
        try:
            threading.set_intra_op_parallelism_threads(1)
            threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:
            raise FacetError(
                "a worker used TensorFlow for something else before: start one for the sweep alone"
            ) from None


def _seeded(model: keras.Model, seed: int) -> keras.Model:
    """The same network, all random numbers of which come from a seed.

    A seed that it is not given Keras takes from Python's global generator, which threads of Dask's
    worker draw from in between; so every layer and its initializer is given one.
    """
    import keras
    import numpy as np

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

    def copied(layer: keras.Layer) -> keras.Layer:
        return type(layer).from_config(with_seeds(layer.get_config()))

    return keras.models.clone_model(model, clone_function=copied)


@lru_cache(maxsize=1)
def _splits(corpus: Corpus) -> FerSplits:
    from models.data import open_fer, split_fer

    splits = split_fer(open_fer(corpus.fer))
    if splits.sha256 != corpus.sha256:
        raise FacetError(
            f"{corpus.fer}: other data on a worker (SHA-256 {splits.sha256[:16]}) than the sweep's "
            f"({corpus.sha256[:16]})"
        )
    return splits


def _batches(trial: Trial, splits: FerSplits) -> AugmentedBatches:
    """Faces changed anew each time, with the teacher's opinions if there are any, else votes."""
    from facet.dataset.labels import FIVE
    from models.batches import AugmentedBatches
    from models.data import no_examples

    learnt = _told(trial.corpus) if trial.corpus.opinions else splits.training
    return AugmentedBatches(learnt, no_examples(FIVE), 0.0, trial.seed)


def _told(corpus: Corpus) -> Examples:
    from facet.dataset.labels import FIVE
    from models.data import open_fer, split_fer
    from models.lessons import told_faces
    from models.opinions import EIGHT, read_opinions

    assert corpus.opinions is not None
    eight = split_fer(open_fer(corpus.fer), EIGHT).training
    return told_faces(read_opinions(corpus.opinions), eight, FIVE)
