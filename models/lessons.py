"""What one training run works with: faces to learn from, to choose by, to be measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from rich.console import Console

from models.augment import augment
from models.batches import AugmentedBatches, BankedBatches, Batches, TaughtBatches
from models.data import (
    LEAST_SHARE_OF_VOTES,
    Examples,
    in_classes,
    no_examples,
    open_ck,
    open_fer,
    split_ck,
    split_fer,
)
from models.drawn_faces import drawn_examples
from models.fit import Schedule, Trainer
from models.measure import fer_sets, in_classes_of
from models.recipes import Recipe
from models.teaching import TEACHER_EPOCHS, TEACHER_SHARE, VIEWS, Bank, bank_of, trained_teacher
from sim.dataset.frame import GrayImage
from sim.dataset.labels import LABEL_SETS, LabelSet

SIDE: Final = 48
"""Height and width of every network's input, in pixels."""

_DRAWN_SHARE: Final = 0.18
_CK_REPEATS: Final = 4
"""Times that an epoch shows each of CK+'s few hundred faces, changed anew each time."""

EIGHT: Final = LABEL_SETS["eight"]
"""What the teacher tells apart; every other set's classes are sums of these."""


@dataclass(frozen=True)
class Sources:
    """Where the faces are.

    Args:
        fer: FER2013 with FER+ votes.
        ck: CK+48.
        work: folder for what is kept between runs.
        seed: of everything random but the splits.
        drawn_faces: how many drawn faces to learn from, where a recipe wants them.
    """

    fer: Path
    ck: Path
    work: Path
    seed: int
    drawn_faces: int = 5000


@dataclass(frozen=True)
class Lesson:
    """What a training run works with.

    Args:
        batches: to learn from.
        validation: to choose the best epoch by.
        calibration: float32 [images, SIDE, SIDE, 1], typical inputs for the quantization.
        sets: to be measured on, by name; nobody learnt from them.
        provenance: what the card says about the data.
        polish: what a taught network ends with, if its recipe says so: views without end.
        start: puts the weights to begin with into the model; None: as built.
    """

    batches: Batches
    validation: Examples
    calibration: npt.NDArray[np.float32]
    sets: Mapping[str, Examples]
    provenance: Mapping[str, Any]
    polish: Batches | None = field(default=None)
    start: Callable[[keras.Model], None] | None = field(default=None)


def fer_lesson(label_set: LabelSet, recipe: Recipe, sources: Sources, console: Console) -> Lesson:
    """FER+ in a model's classes, from the teacher or from people's votes.

    Raises:
        FacetError: no such data.
    """
    archive = open_fer(sources.fer)
    splits = split_fer(archive, label_set)
    drawn = None
    if recipe.drawn and sources.drawn_faces:
        faces = drawn_examples(sources.drawn_faces, "training", SIDE, sources.work)
        drawn = in_classes_of(label_set, faces)
    provenance: dict[str, Any] = {
        "data": sources.fer.name,
        "data_sha256": splits.sha256,
        "fer_faces": len(splits.training),
        "drawn_faces": len(drawn) if drawn else 0,
    }
    batches: Batches
    polish: Batches | None = None
    if recipe.taught:
        eight = split_fer(archive, EIGHT)
        epochs = min(TEACHER_EPOCHS, recipe.epochs)
        console.print(f"the teacher: {epochs} epochs on {len(EIGHT.labels)} classes")
        teacher = trained_teacher(eight, epochs, sources.seed, sources.work, console)
        views = min(VIEWS, recipe.epochs)
        bank = bank_of(teacher, eight.training, views, sources.seed, sources.work / "bank", console)
        batches = taught_batches(bank, eight.training, drawn, label_set, sources.seed)
        provenance["teacher"] = {"epochs": epochs, "views": len(bank.views)}
        if recipe.polish:
            polish = _fresh(teacher, splits.training, drawn, label_set, sources.seed)
    else:
        batches = AugmentedBatches(
            splits.training, drawn or no_examples(label_set), _DRAWN_SHARE, sources.seed
        )
    sets = fer_sets(label_set, sources.fer, sources.work)
    calibration = _calibration(splits.training, drawn, sources.seed)
    return Lesson(batches, splits.validation, calibration, sets, provenance, polish)


def ck_lesson(
    label_set: LabelSet,
    recipe: Recipe,
    sources: Sources,
    console: Console,
    build: Callable[[int], keras.Model],
) -> Lesson:
    """CK+ by subject, after FER+ where the recipe says so.

    Args:
        label_set, recipe, sources, console: as of ``fer_lesson``.
        build: makes the network for so many classes; for the learning from FER+.

    Raises:
        FacetError: no such data.
    """
    splits = split_ck(open_ck(sources.ck), label_set)
    repeated = Examples(
        np.tile(splits.training.images, (_CK_REPEATS, 1, 1)),
        np.tile(splits.training.targets, (_CK_REPEATS, 1)),
    )
    provenance: dict[str, Any] = {
        "data": sources.ck.name,
        "data_sha256": splits.sha256,
        "ck_faces": len(splits.training),
        "ck_subjects": splits.training_subjects,
        "held_out_subjects": splits.validation_subjects,
    }
    start = None
    if recipe.pretrained:
        first = Recipe(
            min(recipe.pretrained, recipe.epochs * 2),
            taught=recipe.taught,
            drawn=False,
            peak_rate=recipe.peak_rate * 3,
        )
        lesson = fer_lesson(EIGHT, first, sources, console)
        provenance["pretraining"] = {**lesson.provenance, "epochs": first.epochs}

        def start(model: keras.Model) -> None:
            _learn_fer_first(model, build, label_set, lesson, first, sources, console)

    return Lesson(
        AugmentedBatches(repeated, no_examples(label_set), 0.0, sources.seed),
        splits.validation,
        _as_input(splits.training.images),
        {"ck_held_out": splits.validation},
        provenance,
        start=start,
    )


def _learn_fer_first(
    model: keras.Model,
    build: Callable[[int], keras.Model],
    label_set: LabelSet,
    lesson: Lesson,
    recipe: Recipe,
    sources: Sources,
    console: Console,
) -> None:
    """Train the same network on FER+'s eight classes and take over its weights."""
    general = build(len(EIGHT.labels))
    Trainer(
        general,
        Schedule(recipe.epochs, recipe.peak_rate, recipe.weight_decay),
        lesson.batches,
        lesson.validation,
        sources.work / f"{model.name}-fer-{sources.seed}",
        f"seed {sources.seed} {dict(lesson.provenance)}",
    ).train(console)
    columns = [EIGHT.labels.index(label) for label in label_set.labels]
    model.set_weights(
        [
            learnt if learnt.shape == own.shape else learnt[..., columns]
            for learnt, own in zip(general.get_weights(), model.get_weights(), strict=True)
        ]
    )


def _fresh(
    teacher: keras.Model,
    faces: Examples,
    drawn: Examples | None,
    label_set: LabelSet,
    seed: int,
) -> TaughtBatches:
    """Views without end; for each the teacher is asked anew."""
    look = tf.function(lambda images: teacher(images, training=False))

    def said(images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return in_classes(look(images).numpy(), EIGHT, label_set)[1]

    apart = seed + 3_000_017  # from the seeds of the trainers that never saw a bank
    return TaughtBatches(
        faces, said, TEACHER_SHARE, drawn or no_examples(label_set), _DRAWN_SHARE, apart
    )


def taught_batches(
    bank: Bank, eight: Examples, drawn: Examples | None, label_set: LabelSet, seed: int
) -> BankedBatches:
    """The bank in a model's classes, without faces that are mostly none of them, with drawn ones.

    Whether a face is one of the classes is what people said, not the teacher.
    """
    said, _ = in_classes(eight.targets, EIGHT, label_set)
    keep = np.flatnonzero(said >= LEAST_SHARE_OF_VOTES)
    _, targets = in_classes(bank.targets[:, keep], EIGHT, label_set)
    views: GrayImage = bank.views[:, keep]
    if drawn is not None and len(drawn):
        changed = [
            np.rint(augment(drawn.images, np.random.default_rng([seed, 2_000_003, view])) * 255)
            for view in range(len(views))
        ]
        views = np.concatenate([views, np.stack(changed)[..., 0].astype(np.uint8)], axis=1)
        same = np.broadcast_to(drawn.targets, (len(views), *drawn.targets.shape))
        targets = np.concatenate([targets, same], axis=1)
    return BankedBatches(views, targets, seed)


def _calibration(
    real: Examples, drawn: Examples | None, seed: int, images: int = 1500
) -> npt.NDArray[np.float32]:
    """Typical inputs from which the converter takes the activations' ranges."""
    chosen = real.images[np.random.default_rng(seed).permutation(len(real))[:images]]
    if drawn is not None:
        chosen = np.concatenate([chosen, drawn.images[: images // 4]])
    return _as_input(chosen)


def _as_input(images: GrayImage) -> npt.NDArray[np.float32]:
    return images[..., None].astype(np.float32) * np.float32(1 / 255)
