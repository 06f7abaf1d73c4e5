"""Training the teacher, and its soft labels.

The teacher's mean output over several augmented views of each face is computed once and stored
(``soft_labels``), so that the many epochs of a small network do not run the teacher. The long
training of the student follows Beyer et al., "Knowledge distillation: a good teacher is patient and
consistent", arXiv 2106.05237. There the teacher sees the same view as the student; with 20
stored views of each face, the students here overfitted to these views.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from rich.console import Console

from facet.dataset.labels import LabelSet
from facet.dataset.npz import NpzArchive
from facet.errors import FacetError
from facet.progress import Progress
from models.architectures.teacher import teacher
from models.data.augmentation import augment
from models.data.batches import AugmentedBatches
from models.data.examples import Examples
from models.data.splits import FerSplits, split_fer
from models.distillation.soft_labels import (
    SHIPPED,
    TEACHER_CLASSES,
    SoftLabels,
    distilled_examples,
    read_soft_labels,
    write_soft_labels,
)
from models.training.trainer import Schedule, Trainer, predict

VIEWS: Final = 8
"""Augmented views of each face; their mean has less noise than the output for a single view (mean
of a face and its mirror image: accuracy 0.864, one view: 0.856)."""

_VIEW_AUGMENTATION: Final = 0.5
"""Strength of the augmentation of the views, as for ``augment``."""

TEACHER_SCHEDULE: Final = Schedule(26, learning_rate=4e-3, weight_decay=5e-2)
_TEACHER_AUGMENTATION: Final = (0.9, 0.35)
"""Strength of the augmentation in the first and in the last epoch."""


def predict_soft_labels(
    model: keras.Model, training: Examples, views: int, seed: int, provenance: Mapping[str, Any]
) -> SoftLabels:
    """The teacher's mean output for each face over several augmented views.

    Args:
        model: the teacher.
        training: the faces.
        views: number of augmented views of each face.
        seed: of the augmentation.
        provenance: hyperparameters and accuracy of the teacher.
    """
    probabilities = np.zeros_like(training.targets)
    with Progress(f"soft labels of {len(training):,} faces: views", views) as progress:
        for view in range(views):
            rng = np.random.default_rng([seed, 1_000_003, view])  # not a seed of the trainers
            augmented = augment(training.images, rng, _VIEW_AUGMENTATION)[..., 0]
            probabilities += predict(model, np.rint(augmented * 255).astype(np.uint8)) / views
            progress.advance()
    return SoftLabels.of(training.images, probabilities, {**provenance, "views": views})


def train_teacher(
    splits: FerSplits, max_epochs: int | None, seed: int, work: Path, console: Console
) -> SoftLabels:
    """Train a teacher and compute its soft labels; results in ``work`` are reused.

    Args:
        splits: the training and validation sets, in ``TEACHER_CLASSES``.
        max_epochs: limit of its epochs and of the views of each face; None: no limit.
        seed: of all random numbers.
        work: folder for the checkpoint and the soft labels.
        console: for the results.

    Raises:
        FacetError: Ctrl-C.
    """
    epochs = min(TEACHER_SCHEDULE.epochs, max_epochs or TEACHER_SCHEDULE.epochs)
    schedule = replace(TEACHER_SCHEDULE, epochs=epochs)
    keras.utils.set_random_seed(seed)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if _has_bfloat16() else "float32")
    model = teacher(splits.training.targets.shape[1])
    keras.config.set_dtype_policy(policy)
    trainer = Trainer(
        model,
        schedule,
        AugmentedBatches(
            splits.training, Examples.empty(TEACHER_CLASSES), 0.0, seed, *_TEACHER_AUGMENTATION
        ),
        splits.validation,
        work / f"teacher-{seed}",
        f"seed {seed}, data {splits.sha256}, augmentation {_TEACHER_AUGMENTATION}",
    )
    trainer.train(console)
    if trainer.stopped:
        raise FacetError("stopped during the teacher's training; the same command resumes it")
    views = min(VIEWS, max_epochs or VIEWS)
    path = work / f"soft-labels-{_key(trainer.model, splits.training, views, seed)}.npz"
    if not path.exists():
        provenance = {
            **asdict(schedule),
            "augmentation": _TEACHER_AUGMENTATION,
            "seed": seed,
            "data_sha256": splits.sha256,
            "best_epoch": trainer.best_epoch,
            "validation_accuracy": round(trainer.best_accuracy, 4),
        }
        labels = predict_soft_labels(trainer.model, splits.training, views, seed, provenance)
        write_soft_labels(path, labels)
    return read_soft_labels(path)


def distilled_training_set(
    archive: NpzArchive,
    label_set: LabelSet,
    max_epochs: int | None,
    seed: int,
    work: Path,
    console: Console,
) -> tuple[Examples, Mapping[str, Any]]:
    """A student's training set from FER+, and the provenance of the teacher.

    Uses the project's soft labels where they cover all faces; otherwise trains a teacher.

    Args:
        archive: FER2013 with FER+ votes.
        label_set: the classes of the student.
        max_epochs, seed, work, console: as for ``train_teacher``.
    """
    splits = split_fer(archive, TEACHER_CLASSES)
    soft_labels = read_soft_labels(SHIPPED) if SHIPPED.exists() else None
    if soft_labels is None or soft_labels.lookup(splits.training.images) is None:
        console.print(f"training the teacher, {len(TEACHER_CLASSES.labels)} classes")
        soft_labels = train_teacher(splits, max_epochs, seed, work, console)
    return distilled_examples(soft_labels, splits.training, label_set), soft_labels.teacher


def _key(model: keras.Model, training: Examples, views: int, seed: int) -> str:
    """A hash of everything that the soft labels depend on."""
    digest = hashlib.sha256(f"{views} {_VIEW_AUGMENTATION} {seed}".encode())
    for array in (*model.get_weights(), training.images):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def _has_bfloat16() -> bool:
    """Whether the processor has bfloat16 matrix instructions; float32 is faster without them."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
