"""Distillation: one large network looks at each face in many guises, the small ones learn from it.

Its mean opinion of each face is worked out once and kept, so that a small network's epochs cost
none of the teacher's time and can be many, each with the faces changed anew. The patience is that
of Beyer et al., "Knowledge distillation: a good teacher is patient and consistent", arXiv
2106.05237. There the teacher judges the very image that the student sees; tried here with 20 views
of each face kept, the students knew these by heart before they had learnt what they can.
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
from sim.errors import FacetError

VIEWS: Final = 12
"""Of each face; the mean over them is steadier than what the teacher says of one, as its answer to
a face and its mirror image is (0.864 right, not 0.856)."""

_VIEWS_STRENGTH: Final = 0.7
"""Of the changes, as of ``augment``."""

_TEACHER_SHARE: Final = 0.75
"""Of a face's target the teacher says this share, the people of FER+ the rest."""


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
    Phase(Schedule(28, peak_rate=1.2e-3, weight_decay=2e-2), 0.5),
)
"""First under strong changes, then under gentler ones: after the first alone it knew the faces that
it had learnt from no better than others (0.810 and 0.842 right), so it had not yet learnt enough
from them."""


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

    Raises:
        FacetError: Ctrl-C; no student has begun yet.
    """
    keras.utils.set_random_seed(seed)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if _has_bfloat16() else "float32")
    model = teacher(splits.training.targets.shape[1])
    keras.config.set_dtype_policy(policy)
    no_drawn = Examples(splits.training.images[:0], splits.training.targets[:0])
    for number, phase in enumerate(phases, 1):
        trainer = Trainer(
            model,
            phase.schedule,
            AugmentedBatches(splits.training, no_drawn, 0.0, seed, phase.strength),
            splits.validation,
            work / f"teacher-{seed}-{number}",
            f"seed {seed}, data {splits.sha256}, changes {phase.strength}",
        )
        trainer.train(console)
        if trainer.stopped:
            raise FacetError(
                "stopped while the teacher learnt; the same command goes on from there"
            )
    return model


def opinions_of(
    model: keras.Model, training: Examples, views: int, seed: int, work: Path, console: Console
) -> npt.NDArray[np.float32]:
    """What a student is told of each face: read from ``work``, or worked out and kept there.

    Args:
        model: the teacher.
        training: faces and the people's votes on them.
        views: how many changes of each face the teacher looks at.
        seed: of the changes.
        work: folder for ``opinions-*.npy``.
        console: for the progress bar.

    Returns:
        float32 [faces, classes], rows sum to 1.
    """
    path = work / f"opinions-{_key(model, training, views, seed)}.npy"
    if not path.exists():
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
        work.mkdir(parents=True, exist_ok=True)
        half_written = path.with_suffix(".tmp.npy")
        np.save(half_written, _TEACHER_SHARE * said + (1 - _TEACHER_SHARE) * training.targets)
        half_written.replace(path)
    return np.asarray(np.load(path), np.float32)


def _key(model: keras.Model, training: Examples, views: int, seed: int) -> str:
    """Changes with whatever the bank is made from."""
    how = f"{views} {_VIEWS_STRENGTH} {seed} {_TEACHER_SHARE}"
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
