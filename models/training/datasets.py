"""The data of one training run: training batches, validation, calibration and test sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from rich.console import Console

from facet.dataset.labels import FIVE, LabelSet
from models.data.batches import AugmentedBatches
from models.data.drawn import drawn_examples
from models.data.examples import Examples, as_network_input, file_sha256
from models.data.splits import CkSplits, ck_folds, open_ck, open_fer, split_ck, split_fer
from models.distillation.teacher import distilled_training_set
from models.evaluation.sets import fer_test_sets
from models.training.recipes import Recipe

_DRAWN_SHARE: Final = 0.18
"""Share of drawn faces in a batch."""

_DRAWN_SHARE_DISTILLED: Final = 0.06
"""The same where the training is distilled."""

_FER_SHARE_WITH_CK: Final = 0.5
"""Share of FER+'s faces in a batch of a distilled training on CK+. Without them a network forgets
what it learned from the many people of FER+ (docs/training.md)."""

_CK_REPEATS: Final = 4
"""Times that an epoch shows each of CK+'s few hundred faces, each time augmented differently."""

_CALIBRATION_IMAGES: Final = 1500


@dataclass(frozen=True)
class Settings:
    """Data files and settings of a training run.

    Args:
        fer: FER2013 with FER+ votes.
        ck: CK+48.
        work: folder for checkpoints and caches.
        seed: of all random numbers but the splits'.
        drawn_faces: number of drawn faces in the training set, where the recipe has any.
        max_epochs: limit of the epochs of every network that is trained (the teacher and the
            network that provides the initial weights too); None: no limit.
    """

    fer: Path
    ck: Path
    work: Path
    seed: int
    drawn_faces: int = 5000
    max_epochs: int | None = None

    def limited(self, epochs: int) -> int:
        """``epochs``, limited by ``max_epochs``."""
        return epochs if self.max_epochs is None else min(epochs, self.max_epochs)


@dataclass(frozen=True)
class TrainingData:
    """The data of a training run.

    Args:
        batches: the training set.
        validation: selects the best epoch.
        calibration: float32 [images, height, width, 1], representative inputs for the quantization.
        test_sets: evaluated for the card, by name; not trained on.
        provenance: the description of the data for the card.
        initialize: loads the initial weights into the model; None: as built.
        folds: the folds of a cross-validation, where the training itself holds out no subject.
    """

    batches: AugmentedBatches
    validation: Examples
    calibration: npt.NDArray[np.float32]
    test_sets: Mapping[str, Examples]
    provenance: Mapping[str, Any]
    initialize: Callable[[keras.Model], None] | None = None
    folds: tuple[TrainingData, ...] = ()

    def initialized(
        self, initialize: Callable[[keras.Model], None], provenance: Mapping[str, Any]
    ) -> TrainingData:
        """The same data and folds with initial weights and a further entry of provenance."""
        return replace(
            self,
            initialize=initialize,
            provenance={**self.provenance, **provenance},
            folds=tuple(fold.initialized(initialize, provenance) for fold in self.folds),
        )


def load_training_data(
    label_set: LabelSet, recipe: Recipe, settings: Settings, console: Console
) -> TrainingData:
    """Load the data set of a recipe; trains a teacher where its soft labels are missing.

    Args:
        label_set: the classes of the model.
        recipe: selects the data set and whether to distill.
        settings: where the data is.
        console: for the results of a teacher's training.

    Raises:
        FacetError: no such data.
    """
    load = _fer_data if recipe.dataset == "fer" else _ck_data
    return load(label_set, recipe, settings, console)


def _fer_data(
    label_set: LabelSet, recipe: Recipe, settings: Settings, console: Console
) -> TrainingData:
    """FER+ in a model's classes, with targets from the teacher or from the votes."""
    archive = open_fer(settings.fer)
    splits = split_fer(archive, label_set)
    drawn = Examples.empty(label_set)
    if recipe.drawn_faces and settings.drawn_faces:
        faces = drawn_examples(settings.drawn_faces, "training", settings.work)
        drawn = faces.converted(FIVE, label_set)
    provenance: dict[str, Any] = {
        "data": settings.fer.name,
        "data_sha256": splits.sha256,
        "fer_faces": len(splits.training),
        "drawn_faces": len(drawn),
    }
    training = splits.training
    if recipe.distilled:
        training, provenance["teacher"] = distilled_training_set(
            archive, label_set, settings.max_epochs, settings.seed, settings.work, console
        )
    batches = AugmentedBatches(
        training,
        drawn,
        _DRAWN_SHARE_DISTILLED if recipe.distilled else _DRAWN_SHARE,
        settings.seed,
        recipe.augmentation,
        recipe.final_augmentation,
    )
    calibration = _calibration(splits.training, drawn, settings.seed)
    test_sets = fer_test_sets(label_set, splits, settings.work)
    return TrainingData(batches, splits.validation, calibration, test_sets, provenance)


def _ck_data(
    label_set: LabelSet, recipe: Recipe, settings: Settings, console: Console
) -> TrainingData:
    """CK+ split by subject, with FER+'s faces mixed in where the recipe is distilled."""
    archive = open_ck(settings.ck)
    provenance: dict[str, Any] = {"data": settings.ck.name, "data_sha256": file_sha256(settings.ck)}
    mixed_in = Examples.empty(label_set)
    if recipe.distilled:
        fer_archive = open_fer(settings.fer)
        mixed_in, provenance["teacher"] = distilled_training_set(
            fer_archive, label_set, settings.max_epochs, settings.seed, settings.work, console
        )
        provenance["fer_faces"] = len(mixed_in)

    def data_of(splits: CkSplits) -> TrainingData:
        batches = AugmentedBatches(
            splits.training.repeated(_CK_REPEATS),
            mixed_in,
            _FER_SHARE_WITH_CK,
            settings.seed,
            recipe.augmentation,
            recipe.final_augmentation,
        )
        subjects = {
            "ck_faces": len(splits.training),
            "ck_subjects": splits.training_subjects,
            "held_out_subjects": splits.validation_subjects,
        }
        return TrainingData(
            batches,
            splits.validation,
            as_network_input(splits.training.images),
            {"ck_held_out": splits.validation},
            {**provenance, **subjects},
        )

    if not recipe.folds:
        return data_of(split_ck(archive, label_set))
    folds = ck_folds(archive, label_set, recipe.folds)
    fer = split_fer(open_fer(settings.fer), label_set)
    first = folds[0]
    all_subjects = CkSplits(
        first.training.joined(first.validation),
        fer.validation,
        first.training_subjects + first.validation_subjects,
        0,
        first.sha256,
    )
    return replace(
        data_of(all_subjects),
        test_sets={"validation": fer.validation, "public_test": fer.public},
        folds=tuple(data_of(fold) for fold in folds),
    )


def _calibration(real: Examples, drawn: Examples, seed: int) -> npt.NDArray[np.float32]:
    """Representative inputs, from which the converter takes the ranges of the activations."""
    chosen = real.images[np.random.default_rng(seed).permutation(len(real))[:_CALIBRATION_IMAGES]]
    return as_network_input(np.concatenate([chosen, drawn.images[: _CALIBRATION_IMAGES // 4]]))
