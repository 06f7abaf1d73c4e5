"""What one training run works with: faces to learn from, to choose by, to be measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from rich.console import Console

from facet.dataset.frame import GrayImage
from facet.dataset.labels import LABEL_SETS, LabelSet
from facet.dataset.npz import NpzArchive
from facet.errors import FacetError
from models.architectures import architecture
from models.batches import AugmentedBatches
from models.data import (
    LEAST_SHARE_OF_VOTES,
    CkSplits,
    Examples,
    ck_folds,
    file_sha256,
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
from models.opinions import EIGHT, SHIPPED, Opinions, read_opinions
from models.qat import folded, quantization_aware
from models.recipes import RECIPES, Recipe
from models.teaching import taught_opinions

SIDE: Final = 48
"""Height and width of every network's input, in pixels."""

_DRAWN_SHARE: Final = 0.18
_TOLD_DRAWN_SHARE: Final = 0.06
_TEACHER_SHARE: Final = 0.75
"""Of a face's target the teacher says this share, the people of FER+ the rest."""

_ROUNDED_RATE: Final = 1e-4
"""Peak learning rate of the rounded epochs: they mend, and begin from weights that fit."""

_UNSEEN_SCALE: Final = 0.1
"""A class that the first network did not know begins with weights so small: undecided."""

_FER_AMONG_CK: Final = 0.5
"""Share of FER+'s faces in a batch of CK+'s, where a recipe wants any: without them a network
forgets what the many people of FER+ taught it (docs/training.md)."""

_CK_REPEATS: Final = 4
"""Times that an epoch shows each of CK+'s few hundred faces, changed anew each time."""


@dataclass(frozen=True)
class Sources:
    """Where the faces are.

    Args:
        fer: FER2013 with FER+ votes.
        ck: CK+48.
        work: folder for what is kept between runs.
        seed: of everything random but the splits.
        drawn_faces: how many drawn faces to learn from, where a recipe wants them.
        most_epochs: of whatever is trained before (teacher, network followed); None: as it should.
    """

    fer: Path
    ck: Path
    work: Path
    seed: int
    drawn_faces: int = 5000
    most_epochs: int | None = None

    def limited(self, epochs: int) -> int:
        """So many epochs, or the most there may be."""
        return epochs if self.most_epochs is None else min(epochs, self.most_epochs)


@dataclass(frozen=True)
class Lesson:
    """What a training run works with.

    Args:
        batches: to learn from.
        validation: to choose the best epoch by.
        calibration: float32 [images, SIDE, SIDE, 1], typical inputs for the quantization.
        sets: to be measured on, by name; nobody learnt from them.
        provenance: what the card says about the data.
        start: puts the weights to begin with into the model; None: as built.
        folds: lessons of networks that are trained to be measured only, each on the people that
            it saw nothing of: the lesson itself leaves out nobody then.
    """

    batches: AugmentedBatches
    validation: Examples
    calibration: npt.NDArray[np.float32]
    sets: Mapping[str, Examples]
    provenance: Mapping[str, Any]
    start: Callable[[keras.Model], None] | None = None
    folds: tuple[Lesson, ...] = ()


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
    learnt = splits.training
    if recipe.taught:
        learnt, provenance["teacher"] = _told(archive, label_set, sources, console)
    batches = AugmentedBatches(
        learnt,
        drawn or no_examples(label_set),
        _TOLD_DRAWN_SHARE if recipe.taught else _DRAWN_SHARE,
        sources.seed,
        recipe.strength,
        recipe.last_strength,
    )
    sets = fer_sets(label_set, splits, sources.work)
    calibration = _calibration(splits.training, drawn, sources.seed)
    start = _following(recipe, label_set, sources, console, provenance)
    return Lesson(batches, splits.validation, calibration, sets, provenance, start)


def ck_lesson(label_set: LabelSet, recipe: Recipe, sources: Sources, console: Console) -> Lesson:
    """CK+ by subject, after FER+ where the recipe says so.

    Args: as of ``fer_lesson``.

    Raises:
        FacetError: no such data.
    """
    archive = open_ck(sources.ck)
    provenance: dict[str, Any] = {"data": sources.ck.name, "data_sha256": file_sha256(sources.ck)}
    start = _following(recipe, label_set, sources, console, provenance)
    others = no_examples(label_set)
    if recipe.taught:
        others, provenance["teacher"] = _told(open_fer(sources.fer), label_set, sources, console)
        provenance["fer_faces"] = len(others)

    def lesson(splits: CkSplits) -> Lesson:
        repeated = Examples(
            np.tile(splits.training.images, (_CK_REPEATS, 1, 1)),
            np.tile(splits.training.targets, (_CK_REPEATS, 1)),
        )
        strengths = (recipe.strength, recipe.last_strength)
        return Lesson(
            AugmentedBatches(repeated, others, _FER_AMONG_CK, sources.seed, *strengths),
            splits.validation,
            _as_input(splits.training.images),
            {"ck_held_out": splits.validation},
            {
                **provenance,
                "ck_faces": len(splits.training),
                "ck_subjects": splits.training_subjects,
                "held_out_subjects": splits.validation_subjects,
            },
            start,
        )

    if not recipe.folds:
        return lesson(split_ck(archive, label_set))
    folds = ck_folds(archive, label_set, recipe.folds)
    fer = split_fer(open_fer(sources.fer), label_set)
    first = folds[0]
    everybody = CkSplits(
        Examples(
            np.concatenate([first.training.images, first.validation.images]),
            np.concatenate([first.training.targets, first.validation.targets]),
        ),
        fer.validation,
        first.training_subjects + first.validation_subjects,
        0,
        first.sha256,
    )
    return replace(
        lesson(everybody),
        sets={"validation": fer.validation, "public_test": fer.public},
        folds=tuple(lesson(fold) for fold in folds),
    )


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Args:
        best_epoch: whose weights are kept.
        stopped: Ctrl-C ended it early.
    """

    best_epoch: int
    stopped: bool


def train_by(
    name: str,
    model: keras.Model,
    recipe: Recipe,
    lesson: Lesson,
    sources: Sources,
    console: Console,
) -> Outcome:
    """Train a network by its recipe; its state has one place, whoever needs the network.

    CK+'s few people cannot both choose an epoch and say how good it is: there the last is kept.

    Returns:
        How it ended.
    """
    trainer = Trainer(
        model,
        Schedule(recipe.epochs, recipe.peak_rate, recipe.weight_decay),
        lesson.batches,
        lesson.validation,
        sources.work / f"{name}-{sources.seed}",
        f"seed {sources.seed}, {recipe}, {dict(lesson.provenance)}",
        keep_last=recipe.corpus == "ck",
    )
    trainer.train(console)
    return Outcome(trainer.best_epoch, trainer.stopped)


def train_rounded(
    name: str,
    model: keras.Model,
    recipe: Recipe,
    lesson: Lesson,
    sources: Sources,
    console: Console,
) -> keras.Model:
    """Let a trained network learn on with the rounding that int8 will bring.

    Returns:
        The network without normalizations and without the rounding, to be quantized.
    """
    plain = folded(model)
    aware = quantization_aware(plain, lesson.calibration)
    console.print(f"{name} learns on, rounded as int8 will round it")
    Trainer(
        aware,
        Schedule(sources.limited(recipe.rounded_epochs), _ROUNDED_RATE, 0.0),
        lesson.batches.as_at_the_end(),
        lesson.validation,
        sources.work / f"{name}-{sources.seed}-rounded",
        f"seed {sources.seed}, {recipe}, {dict(lesson.provenance)}",
        keep_last=recipe.corpus == "ck",
    ).train(console)
    plain.set_weights(aware.get_weights())
    return plain


def _following(
    recipe: Recipe,
    label_set: LabelSet,
    sources: Sources,
    console: Console,
    provenance: dict[str, Any],
) -> Callable[[keras.Model], None] | None:
    """What gives a network the weights of the one it follows, which is noted in ``provenance``."""
    if not recipe.follows:
        return None
    first = recipe.follows
    learnt, labels, of_first = _learnt_first(first, sources, console)
    provenance["pretraining"] = {"network": first, **of_first}
    return lambda model: _begin_with(learnt, labels, model, label_set)


def _learnt_first(
    name: str, sources: Sources, console: Console
) -> tuple[list[npt.NDArray[np.float32]], LabelSet, Mapping[str, Any]]:
    """The weights of a network trained on FER+ (or resumed), its classes and its provenance."""
    recipe = replace(RECIPES[name], epochs=sources.limited(RECIPES[name].epochs))
    built = architecture(name)
    labels = LABEL_SETS[built.labels]
    console.print(f"{name} learns from FER+ first")
    lesson = fer_lesson(labels, recipe, sources, console)
    keras.utils.set_random_seed(sources.seed)
    model = built.build(len(labels.labels))
    train_by(name, model, recipe, lesson, sources, console)
    return model.get_weights(), labels, {**lesson.provenance, "epochs": recipe.epochs}


def _begin_with(
    learnt: list[npt.NDArray[np.float32]],
    labels: LabelSet,
    model: keras.Model,
    label_set: LabelSet,
) -> None:
    """Take over another network's weights; of its last layer those of the classes in both sets."""
    shared = [label for label in label_set.labels if label in labels.labels]
    into = [label_set.labels.index(label) for label in shared]
    columns = [labels.labels.index(label) for label in shared]
    weights = []
    for of_first, own in zip(learnt, model.get_weights(), strict=True):
        taken = of_first
        if of_first.shape != own.shape:
            taken = own * _UNSEEN_SCALE
            taken[..., into] = of_first[..., columns]
        weights.append(taken)
    model.set_weights(weights)


def _told(
    archive: NpzArchive, label_set: LabelSet, sources: Sources, console: Console
) -> tuple[Examples, Mapping[str, Any]]:
    """Faces with what the teacher says of them, and the teacher's provenance.

    The opinions that the project has serve where they cover all of the faces; else a teacher is
    trained.
    """
    eight = split_fer(archive, EIGHT)
    opinions = read_opinions(SHIPPED) if SHIPPED.exists() else None
    if opinions is None or opinions.of(eight.training.images) is None:
        console.print(f"the teacher learns {len(EIGHT.labels)} classes")
        opinions = taught_opinions(eight, sources.most_epochs, sources.seed, sources.work, console)
    return told_faces(opinions, eight.training, label_set), opinions.about


def told_faces(opinions: Opinions, eight: Examples, label_set: LabelSet) -> Examples:
    """Faces in a model's classes with what the teacher and people say of each.

    Those that people said to be mostly of other classes are left out.

    Args:
        opinions: on the faces, in eight classes.
        eight: the faces, and people's votes on them.
        label_set: the model's classes.

    Raises:
        FacetError: the teacher did not see all of the faces.
    """
    said = opinions.of(eight.images)
    if said is None:
        raise FacetError("the teacher's opinions are of other faces than the data's")
    share, _ = in_classes(eight.targets, EIGHT, label_set)
    keep = share >= LEAST_SHARE_OF_VOTES
    blended = _TEACHER_SHARE * said[keep] + (1 - _TEACHER_SHARE) * eight.targets[keep]
    _, targets = in_classes(blended, EIGHT, label_set)
    return Examples(eight.images[keep], targets)


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
