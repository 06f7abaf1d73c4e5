"""From an untrained network and a lesson to an int8 file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
from rich.console import Console

from facet.dataset.labels import LABEL_SETS
from models.architectures import Architecture
from models.equalize import equalize
from models.fit import predict
from models.judged import FOLDS, FloatPredict, Judged
from models.lessons import Lesson, Sources, train_by, train_rounded
from models.quantize import quantize
from models.recipes import Recipe
from models.slim import slim


@dataclass(frozen=True)
class Made:
    """A trained model.

    Args:
        int8: the .tflite's bytes.
        float_predict: what it was quantized from.
        keras_parameters: of the network as trained.
        best_epoch: whose weights are kept.
    """

    int8: bytes
    float_predict: FloatPredict
    keras_parameters: int
    best_epoch: int


def make(
    name: str,
    architecture: Architecture,
    recipe: Recipe,
    lesson: Lesson,
    sources: Sources,
    console: Console,
    pretrained: Callable[[keras.Model], None] | None = None,
) -> Made:
    """Train a network by its recipe, quantize it to int8 and slim the file.

    Args:
        name: the model's; its state in the work folder goes by it.
        architecture: what is trained.
        recipe: how.
        lesson: on what.
        sources: where it is kept, and the seed.
        console: for the progress.
        pretrained: puts weights from elsewhere into the network; None: there are none.
    """
    keras.utils.set_random_seed(sources.seed)
    model = architecture.build(len(LABEL_SETS[architecture.labels].labels))
    for begin in (pretrained, lesson.start):
        if begin is not None:
            begin(model)
    parameters = model.count_params()
    console.print(
        f"{name}: {parameters:,} parameters, {lesson.batches.steps} batches an epoch, "
        f"{len(lesson.validation):,} faces to look at after each"
    )
    outcome = train_by(name, model, recipe, lesson, sources, console)
    equalize(model, lesson.calibration)
    if recipe.rounded_epochs and not outcome.stopped:
        model = train_rounded(name, model, recipe, lesson, sources, console)
    int8 = slim(quantize(model, lesson.calibration))
    return Made(int8, partial(predict, model), parameters, outcome.best_epoch)


def made_folds(
    name: str,
    architecture: Architecture,
    recipe: Recipe,
    lesson: Lesson,
    sources: Sources,
    console: Console,
) -> dict[str, list[Judged]]:
    """Train the networks of a lesson's folds; what they answer for, by the name of the set.

    Args: as of ``make``.
    """
    judged = []
    for number, fold in enumerate(lesson.folds, 1):
        made = make(f"{name}-fold{number}", architecture, recipe, fold, sources, console)
        judged.append(Judged(fold.validation, made.int8, made.float_predict))
    return {FOLDS: judged} if judged else {}
