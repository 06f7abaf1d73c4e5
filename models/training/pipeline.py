"""The pipeline from an untrained network and its data to an int8 .tflite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from rich.console import Console

from facet.dataset.labels import LabelSet
from models.architectures.registry import Architecture, architecture
from models.evaluation.sets import FOLDS, EvaluationSet, FloatPredict
from models.quantization.convert import quantize
from models.quantization.equalization import equalize
from models.quantization.qat import fold_batch_norm, quantization_aware
from models.quantization.slim import slim
from models.training.datasets import Settings, TrainingData, load_training_data
from models.training.recipes import RECIPES, Recipe
from models.training.trainer import Schedule, Trainer, predict

_QAT_LEARNING_RATE: Final = 1e-4
"""Peak learning rate of quantization-aware training, which starts from trained weights."""

_NEW_CLASS_SCALE: Final = 0.1
"""Scale of the random initial weights of a class that the pretrained network does not have."""


@dataclass(frozen=True)
class TrainedModel:
    """A trained and quantized model.

    Args:
        int8: the .tflite's bytes.
        float_predict: the float model before quantization.
        keras_parameters: parameters of the Keras model.
        best_epoch: the epoch whose weights are kept.
    """

    int8: bytes
    float_predict: FloatPredict
    keras_parameters: int
    best_epoch: int


@dataclass(frozen=True)
class Pipeline:
    """Trains, quantizes and slims one architecture by its recipe.

    Args:
        architecture: the network.
        recipe: hyperparameters.
        settings: data files, work folder, seed.
        console: for the results of each epoch.
    """

    architecture: Architecture
    recipe: Recipe
    settings: Settings
    console: Console

    def load_data(self) -> TrainingData:
        """Load the training data; trains the network of the initial weights where there is one.

        Raises:
            FacetError: no such data.
        """
        label_set = self.architecture.label_set
        data = load_training_data(label_set, self.recipe, self.settings, self.console)
        if self.recipe.initialize_from is None:
            return data
        return data.initialized(*self._pretrain(self.recipe.initialize_from, label_set))

    def train(
        self,
        name: str,
        data: TrainingData,
        load_pretrained: Callable[[keras.Model], None] | None = None,
    ) -> TrainedModel:
        """Train the network, quantize it to int8 and slim the file.

        Args:
            name: of the model; the names of its checkpoints begin with it.
            data: from ``load_data``.
            load_pretrained: loads weights from a file into the network; None: there are none.
        """
        keras.utils.set_random_seed(self.settings.seed)
        model = self.architecture.build()
        for initialize in (load_pretrained, data.initialize):
            if initialize is not None:
                initialize(model)
        parameters = model.count_params()
        self.console.print(
            f"{name}: {parameters:,} parameters, {data.batches.steps} batches an epoch, "
            f"{len(data.validation):,} validation faces"
        )
        trainer = self._fit(name, model, data)
        equalize(model, data.calibration)
        if self.recipe.qat_epochs and not trainer.stopped:
            model = self._fit_quantization_aware(name, model, data)
        int8 = slim(quantize(model, data.calibration))
        return TrainedModel(int8, partial(predict, model), parameters, trainer.best_epoch)

    def train_folds(self, name: str, data: TrainingData) -> dict[str, list[EvaluationSet]]:
        """Train a network for each fold of the data, for the cross-validation in the card.

        Returns:
            The folds with the networks that predict them, by the name of the set; empty where the
            data has no folds.
        """
        if not data.folds:
            return {}
        sets = []
        for number, fold in enumerate(data.folds, 1):
            trained = self.train(f"{name}-fold{number}", fold)
            sets.append(EvaluationSet(fold.validation, trained.int8, trained.float_predict))
        return {FOLDS: sets}

    def _fit(self, name: str, model: keras.Model, data: TrainingData) -> Trainer:
        """Train the float network; returns the finished trainer."""
        recipe = self.recipe
        schedule = Schedule(recipe.epochs, recipe.learning_rate, recipe.weight_decay)
        trainer = self._trainer(name, model, schedule, data)
        trainer.train(self.console)
        return trainer

    def _fit_quantization_aware(
        self, name: str, model: keras.Model, data: TrainingData
    ) -> keras.Model:
        """Continue the training with simulated int8 rounding.

        Returns:
            The network with its batch normalizations folded and without the rounding.
        """
        folded = fold_batch_norm(model)
        aware = quantization_aware(folded, data.calibration)
        self.console.print(f"{name}: quantization-aware training")
        schedule = Schedule(
            self.settings.limited(self.recipe.qat_epochs), _QAT_LEARNING_RATE, weight_decay=0.0
        )
        final = replace(data, batches=data.batches.with_final_augmentation())
        self._trainer(f"{name}-qat", aware, schedule, final).train(self.console)
        folded.set_weights(aware.get_weights())
        return folded

    def _trainer(
        self, name: str, model: keras.Model, schedule: Schedule, data: TrainingData
    ) -> Trainer:
        """A trainer whose checkpoints are in a folder of their own, by name and seed.

        CK+ has too few subjects both to select an epoch and to evaluate it: there the last epoch is
        kept.
        """
        seed = self.settings.seed
        return Trainer(
            model,
            schedule,
            data.batches,
            data.validation,
            self.settings.work / f"{name}-{seed}",
            f"seed {seed}, {self.recipe}, {dict(data.provenance)}",
            keep_last=self.recipe.dataset == "ck",
        )

    def _pretrain(
        self, name: str, label_set: LabelSet
    ) -> tuple[Callable[[keras.Model], None], Mapping[str, Any]]:
        """Train another network on FER+ (or resume it) to take over its weights.

        Returns:
            What loads its weights into a network with the classes of ``label_set``, and the
            provenance of the weights.
        """
        recipe = replace(RECIPES[name], epochs=self.settings.limited(RECIPES[name].epochs))
        first = Pipeline(architecture(name), recipe, self.settings, self.console)
        self.console.print(f"{name}: training on FER+, for the initial weights")
        data = first.load_data()
        keras.utils.set_random_seed(self.settings.seed)
        model = first.architecture.build()
        first._fit(name, model, data)
        initialize = partial(
            _transfer_weights, model.get_weights(), first.architecture.label_set, label_set
        )
        provenance = {"network": name, **data.provenance, "epochs": recipe.epochs}
        return initialize, {"pretraining": provenance}


def _transfer_weights(
    pretrained: list[npt.NDArray[np.float32]],
    pretrained_classes: LabelSet,
    label_set: LabelSet,
    model: keras.Model,
) -> None:
    """Load the weights of a network of the same plan, in the last layer those of shared classes.

    Args:
        pretrained: the weights to load.
        pretrained_classes: their classes.
        label_set: the classes of ``model``.
        model: the network that gets the weights.
    """
    shared = [label for label in label_set.labels if label in pretrained_classes.labels]
    into = [label_set.labels.index(label) for label in shared]
    columns = [pretrained_classes.labels.index(label) for label in shared]
    weights = []
    for source, own in zip(pretrained, model.get_weights(), strict=True):
        loaded = source
        if source.shape != own.shape:
            loaded = own * _NEW_CLASS_SCALE
            loaded[..., into] = source[..., columns]
        weights.append(loaded)
    model.set_weights(weights)
