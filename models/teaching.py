"""Distillation: one large network looks at each face in many guises, the small ones learn from it.

Its mean opinion of each face is worked out once and kept (``models.opinions``), so that a small
network's epochs cost none of the teacher's time and can be many, each with the faces changed anew.
The patience is that of Beyer et al., "Knowledge distillation: a good teacher is patient and
consistent", arXiv 2106.05237. There the teacher judges the very image that the student sees; tried
here with 20 views of each face kept, the students knew these by heart before they had learnt what
they can.
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
from rich.progress import track

from facet.errors import FacetError
from models.architectures.teacher import teacher
from models.augment import augment
from models.batches import AugmentedBatches
from models.data import Examples, FerSplits
from models.fit import Schedule, Trainer, predict
from models.opinions import Opinions, opinions_on, read_opinions, write_opinions

VIEWS: Final = 8
"""Of each face; the mean over them is steadier than what the teacher says of one, as its answer to
a face and its mirror image is (0.864 right, not 0.856)."""

_VIEWS_STRENGTH: Final = 0.5
"""Of the changes, as of ``augment``."""

TEACHER_SCHEDULE: Final = Schedule(26, peak_rate=4e-3, weight_decay=5e-2)
_TEACHER_STRENGTHS: Final = (0.9, 0.35)
"""Of the changes to the faces, as of ``augment``, at the first epoch and the last."""


def teacher_trainer(splits: FerSplits, schedule: Schedule, seed: int, work: Path) -> Trainer:
    """What trains the teacher on as many classes as the splits have, or resumes it from ``work``.

    Args:
        splits: what it learns from.
        schedule: ``TEACHER_SCHEDULE``, or a shorter one to try things out.
        seed: of its weights, the order and the changes.
        work: folder for its state.
    """
    keras.utils.set_random_seed(seed)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if _has_bfloat16() else "float32")
    model = teacher(splits.training.targets.shape[1])
    keras.config.set_dtype_policy(policy)
    no_drawn = Examples(splits.training.images[:0], splits.training.targets[:0])
    return Trainer(
        model,
        schedule,
        AugmentedBatches(splits.training, no_drawn, 0.0, seed, *_TEACHER_STRENGTHS),
        splits.validation,
        work / f"teacher-{seed}",
        f"seed {seed}, data {splits.sha256}, changes {_TEACHER_STRENGTHS}",
    )


def opinions_of(
    model: keras.Model,
    training: Examples,
    views: int,
    seed: int,
    about: Mapping[str, Any],
    console: Console,
) -> Opinions:
    """The teacher's mean opinion of each face over several changed views.

    Args:
        model: the teacher.
        training: the faces.
        views: how many changes of each face the teacher looks at.
        seed: of the changes.
        about: as of ``Opinions``.
        console: for the progress bar.
    """
    said = np.zeros_like(training.targets)
    rounds = track(
        range(views),
        f"the teacher looks at {len(training):,} faces in {views} views",
        console=console,
        disable=not console.is_terminal,
    )
    for view in rounds:
        rng = np.random.default_rng([seed, 1_000_003, view])  # apart from the trainers' own
        changed = augment(training.images, rng, _VIEWS_STRENGTH)[..., 0]
        said += predict(model, np.rint(changed * 255).astype(np.uint8)) / views
    return opinions_on(training.images, said, {**about, "views": views})


def taught_opinions(
    splits: FerSplits, most_epochs: int | None, seed: int, work: Path, console: Console
) -> Opinions:
    """Train a teacher and hear what it says of its faces; what is in ``work`` is not done again.

    Args:
        splits: what it learns from, in all the classes that it shall tell apart.
        most_epochs: of its training, and views of each face; None: as many as it should.
        seed: of everything random.
        work: folder for its state and its opinions.
        console: for the progress.

    Raises:
        FacetError: Ctrl-C.
    """
    epochs = min(TEACHER_SCHEDULE.epochs, most_epochs or TEACHER_SCHEDULE.epochs)
    schedule = replace(TEACHER_SCHEDULE, epochs=epochs)
    trainer = teacher_trainer(splits, schedule, seed, work)
    trainer.train(console)
    if trainer.stopped:
        raise FacetError("stopped while the teacher learnt; the same command goes on from there")
    views = min(VIEWS, most_epochs or VIEWS)
    path = work / f"opinions-{_key(trainer.model, splits.training, views, seed)}.npz"
    if not path.exists():
        about = {
            **asdict(schedule),
            "strengths": _TEACHER_STRENGTHS,
            "seed": seed,
            "data_sha256": splits.sha256,
            "best_epoch": trainer.best_epoch,
            "validation_accuracy": round(trainer.best_accuracy, 4),
        }
        said = opinions_of(trainer.model, splits.training, views, seed, about, console)
        write_opinions(path, said)
    return read_opinions(path)


def _key(model: keras.Model, training: Examples, views: int, seed: int) -> str:
    """Changes with whatever the opinions are made from."""
    digest = hashlib.sha256(f"{views} {_VIEWS_STRENGTH} {seed}".encode())
    for array in (*model.get_weights(), training.images):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 matrices; elsewhere float32 is faster."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
