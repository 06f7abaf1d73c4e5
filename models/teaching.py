"""Distillation: one large network looks at each face in many guises, the small ones learn from it.

What a small network learns from is worked out once and kept as a bank: every face in ``VIEWS``
random changes, and for each view what the teacher says of it. So a student sees the teacher judge
the very image before it (Beyer et al., "Knowledge distillation: a good teacher is patient and
consistent", arXiv 2106.05237), and its epochs cost neither the teacher's time nor the changing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import keras
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from models.architectures.teacher import teacher
from models.augment import augment
from models.batches import AugmentedBatches
from models.data import Examples, FerSplits
from models.fit import Schedule, Trainer, predict
from sim.dataset.frame import GrayImage

VIEWS: Final = 20
_VIEWS_STRENGTH: Final = 0.7
"""Of the changes, as of ``augment``: under all of 1.0 the small networks knew the faces that they
learn from no better than others."""

_TEACHER_SHARE: Final = 0.75
"""Of a face's target the teacher says this share, the people of FER+ the rest."""

_MEAN_SHARE: Final = 0.5
"""Of the teacher's share, so much is its mean over all views of the face: steadier than what it
says of the one view, as its answer to a face and its mirror image is (0.864 right, not 0.856)."""


@dataclass(frozen=True)
class Phase:
    """A part of the teacher's training.

    Args:
        schedule: how its weights move.
        strength: of the changes to the faces, as of ``augment``.
    """

    schedule: Schedule
    strength: float


TEACHER_PHASES: Final = (
    Phase(Schedule(20, peak_rate=2e-3, weight_decay=5e-2), 1.0),
    Phase(Schedule(22, peak_rate=1.2e-3, weight_decay=2e-2), 0.6),
)
"""First under strong changes, then under gentler ones: after the first alone it knew the faces that
it had learnt from no better than others (0.810 and 0.842 right), so it had not yet learnt enough
from them."""


@dataclass(frozen=True)
class Bank:
    """Faces in several views, each with its target.

    Args:
        views: uint8 [views, faces, height, width].
        targets: float32 [views, faces, classes].
    """

    views: GrayImage
    targets: npt.NDArray[np.float32]


def trained_teacher(
    splits: FerSplits, phases: Sequence[Phase], seed: int, work: Path, console: Console
) -> keras.Model:
    """The teacher, trained on as many classes as the splits have, or resumed from ``work``.

    Args:
        splits: what it learns from.
        phases: one after the other; ``TEACHER_PHASES``, or shorter ones to try things out.
        seed: of its weights, the order and the changes.
        work: folder for its state.
        console: for the progress.
    """
    keras.utils.set_random_seed(seed)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if _has_bfloat16() else "float32")
    model = teacher(splits.training.targets.shape[1])
    keras.config.set_dtype_policy(policy)
    no_drawn = Examples(splits.training.images[:0], splits.training.targets[:0])
    for number, phase in enumerate(phases, 1):
        Trainer(
            model,
            phase.schedule,
            AugmentedBatches(splits.training, no_drawn, 0.0, seed, phase.strength),
            splits.validation,
            work / f"teacher-{seed}-{number}",
            f"seed {seed}, data {splits.sha256}, changes {phase.strength}",
        ).train(console)
    return model


def view_of(images: GrayImage, rng: np.random.Generator) -> GrayImage:
    """Faces uint8 [images, height, width], changed as those in a bank are."""
    changed = augment(images, rng, _VIEWS_STRENGTH)[..., 0]
    return np.rint(changed * 255).astype(np.uint8)


def bank_of(
    model: keras.Model, training: Examples, views: int, seed: int, path: Path, console: Console
) -> Bank:
    """The bank of a teacher: read from ``path``, or made and kept there.

    Args:
        model: the teacher.
        training: faces and the people's votes on them.
        views: how many changes of each face.
        seed: of the changes.
        path: name of its files without their ends.
        console: for the progress bar.
    """
    key = _key(model, training, views, seed)
    images_path = path.with_name(f"{path.name}-{key}-views.npy")
    targets_path = path.with_name(f"{path.name}-{key}-targets.npy")
    if not (images_path.exists() and targets_path.exists()):
        path.parent.mkdir(parents=True, exist_ok=True)
        images = np.lib.format.open_memmap(
            images_path.with_suffix(".tmp"), "w+", np.uint8, (views, *training.images.shape)
        )
        targets = np.zeros((views, *training.targets.shape), np.float32)
        rounds = track(
            range(views),
            f"the teacher looks at {len(training):,} faces in {views} views",
            console=console,
            disable=not console.is_terminal,
        )
        for view in rounds:
            rng = np.random.default_rng([seed, 1_000_003, view])  # apart from the trainers' own
            images[view] = view_of(training.images, rng)
            targets[view] = predict(model, images[view])
        images.flush()
        targets = (1 - _MEAN_SHARE) * targets + _MEAN_SHARE * targets.mean(axis=0)
        targets = _TEACHER_SHARE * targets + (1 - _TEACHER_SHARE) * training.targets
        half_written = targets_path.with_suffix(".tmp.npy")
        np.save(half_written, targets)
        half_written.replace(targets_path)
        images_path.with_suffix(".tmp").replace(images_path)
    return Bank(np.load(images_path, mmap_mode="r"), np.load(targets_path))


def _key(model: keras.Model, training: Examples, views: int, seed: int) -> str:
    """Changes with whatever the bank is made from."""
    how = f"{views} {_VIEWS_STRENGTH} {seed} {_TEACHER_SHARE} {_MEAN_SHARE}"
    digest = hashlib.sha256(how.encode())
    for array in (*model.get_weights(), training.images, training.targets):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 matrices; elsewhere float32 is faster."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
