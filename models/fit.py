"""The training loop: epochs, averaged weights, checkpoints, the best so far."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from rich.console import Console
from rich.progress import track

from facet.errors import FacetError
from models.batches import AugmentedBatches
from models.data import Examples

_EMA_HALF_LIFE_epochs: Final = 1.5
"""Evaluated and kept are weights averaged over the last epochs: steadier than the last ones."""

_LEAST_PROBABILITY: Final = 1e-7
"""What a class is given at least, so that one wrong answer does not make a cross-entropy infinite;
of a training that diverged, all."""


@dataclass(frozen=True)
class Schedule:
    """How the weights move.

    Args:
        epochs: passes over the faces.
        peak_rate: learning rate after the warm-up; falls to 0 along a cosine.
        weight_decay: AdamW's.
    """

    epochs: int
    peak_rate: float = 3e-3
    weight_decay: float = 4e-2


class Trainer:
    """Trains one model and keeps the best weights, so that it can be stopped and resumed.

    Args:
        model: as built; its weights are changed.
        schedule: how.
        batches: what to learn from.
        validation: what to choose the best epoch by: that of the least cross-entropy, which over
            two thousand faces tells epochs apart sooner than accuracy does.
        folder: for ``state.npz``, from which a broken run resumes.
        origin: what else made the run what it is (seed, data); a state of another is not resumed.
        keep_last: keep the last epoch's weights, not the best: the validation chooses nothing then.
    """

    def __init__(
        self,
        model: keras.Model,
        schedule: Schedule,
        batches: AugmentedBatches,
        validation: Examples,
        folder: Path,
        origin: str = "",
        keep_last: bool = False,
    ) -> None:
        self.model = model
        self.schedule = schedule
        self.best_accuracy = -1.0
        self.best_cross_entropy = np.inf
        self.best_epoch = 0
        self.stopped = False
        self._batches = batches
        self._keep_last = keep_last
        self._recipe = f"{schedule} {origin}"
        self._validation = validation
        self._state_path = folder / "state.npz"
        self._steps = batches.steps
        self._optimizer = keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=schedule.peak_rate / 20,
                decay_steps=max(self._steps * schedule.epochs, 1),
                warmup_target=schedule.peak_rate,
                warmup_steps=self._steps * min(2, schedule.epochs // 2),
            ),
            weight_decay=schedule.weight_decay,
        )
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(model.trainable_variables)
        self._best = model.get_weights()
        self._finished_epochs = 0
        self._train_step = tf.function(self._step)
        self._averages = [tf.Variable(w, trainable=False) for w in model.weights]

    def train(self, console: Console) -> None:
        """Run the epochs that are left, then put the best weights into the model.

        Ctrl-C ends the training early and keeps the best weights so far.

        Raises:
            FacetError: Ctrl-C before the first epoch ended.
        """
        if self._resume():
            console.print(f"resuming after epoch {self._finished_epochs} of {self.schedule.epochs}")
        try:
            for epoch in range(self._finished_epochs, self.schedule.epochs):
                loss = self._epoch(epoch, console)
                accuracy, cross_entropy = self._validate()
                if self._keep_last or cross_entropy <= self.best_cross_entropy:
                    self.best_accuracy, self.best_cross_entropy = accuracy, cross_entropy
                    self.best_epoch = epoch + 1
                    self._best = [v.numpy() for v in self._averages]
                self._finished_epochs = epoch + 1
                self._save()
                console.print(
                    f"epoch {epoch + 1}/{self.schedule.epochs}: loss {loss:.4f}, validation "
                    f"{cross_entropy:.4f}, accuracy {accuracy:.4f} (kept: {self.best_accuracy:.4f} "
                    f"of epoch {self.best_epoch})"
                )
        except KeyboardInterrupt:
            if not self.best_epoch:
                raise FacetError("stopped before the first epoch ended: no model to keep") from None
            self.stopped = True
            console.print(f"stopped; keeping epoch {self.best_epoch}")
        self.model.set_weights(self._best)

    def _epoch(self, epoch: int, console: Console) -> float:
        losses = []
        batches = track(
            self._batches.epoch(epoch, self.schedule.epochs),
            f"epoch {epoch + 1}/{self.schedule.epochs}",
            self._steps,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        for step, (images, targets) in enumerate(batches):
            losses.append(self._train_step(images, targets, self._momentum(epoch, step)))
        return float(np.mean([float(loss) for loss in losses]))

    def _step(self, images: tf.Tensor, targets: tf.Tensor, momentum: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            scores = self.model(images, training=True)
            loss = tf.reduce_mean(keras.losses.categorical_crossentropy(targets, scores))
        variables = self.model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        for average, weight in zip(self._averages, self.model.weights, strict=True):
            average.assign(average * momentum + tf.convert_to_tensor(weight) * (1 - momentum))
        return loss

    def _momentum(self, epoch: int, step: int) -> Any:
        """The average's memory; short at the start so that the first weights are forgotten."""
        done = epoch * self._steps + step
        settled = 0.5 ** (1 / (_EMA_HALF_LIFE_epochs * self._steps))
        return np.float32(min(settled, (1 + done) / (10 + done)))

    def _validate(self) -> tuple[float, float]:
        """Accuracy and cross-entropy of the averaged weights on the validation frames."""
        trained = self.model.get_weights()
        self.model.set_weights([v.numpy() for v in self._averages])
        scores = np.nan_to_num(predict(self.model, self._validation.images), nan=0.0)
        self.model.set_weights(trained)
        classes = self._validation.classes
        right = scores[np.arange(len(classes)), classes]
        return (
            float((scores.argmax(axis=1) == classes).mean()),
            float(-np.log(np.maximum(right, _LEAST_PROBABILITY)).mean()),
        )

    def _save(self) -> None:
        """Write everything that the next epoch needs, whole or not at all."""
        arrays = {
            "progress": np.array([self._finished_epochs, self.best_epoch], np.int64),
            "best": np.array([self.best_accuracy, self.best_cross_entropy]),
            "recipe": np.array(self._recipe),
        }
        for name, values in self._state().items():
            arrays.update({f"{name}{i}": np.array(value) for i, value in enumerate(values)})
        self._state_path.parent.mkdir(parents=True, exist_ok=True)
        half_written = self._state_path.with_suffix(".tmp.npz")
        np.savez(half_written, allow_pickle=False, **arrays)
        half_written.replace(self._state_path)

    def _state(self) -> dict[str, list[Any]]:
        return {
            # Not get_weights(): variables also hold the state of dropout's random numbers.
            "variable": [v.numpy() for v in self.model.variables],
            "average": [v.numpy() for v in self._averages],
            "best": list(self._best),
            "optimizer": [v.numpy() for v in self._optimizer.variables],
        }

    def _resume(self) -> bool:
        """Take up the state of a broken run of the same recipe; False if there is none."""
        if not self._state_path.exists():
            return False
        with np.load(self._state_path) as state:
            if str(state["recipe"]) != self._recipe:
                return False
            self._finished_epochs, self.best_epoch = (int(n) for n in state["progress"])
            self.best_accuracy, self.best_cross_entropy = (float(n) for n in state["best"])
            count = len(self._averages)
            for i, variable in enumerate(self.model.variables):
                variable.assign(state[f"variable{i}"])
            self._best = [state[f"best{i}"] for i in range(count)]
            for i, average in enumerate(self._averages):
                average.assign(state[f"average{i}"])
            for i, variable in enumerate(self._optimizer.variables):
                variable.assign(state[f"optimizer{i}"])
        return True


def predict(model: keras.Model, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """A float model's outputs for uint8 images [images, height, width]."""
    inputs = images[..., None].astype(np.float32) / 255
    return np.asarray(model.predict(inputs, batch_size=256, verbose=0), np.float32)
