"""The training loop: epochs, weight averaging, checkpoints, selection of the best epoch.

Not ``keras.Model.fit``: Keras' moving average of the weights has a fixed momentum (ours is short at
the start), and its callbacks do not restore the best weights when a run is resumed.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from rich.console import Console

from facet.errors import FacetError
from facet.progress import Progress
from models.data.batches import AugmentedBatches
from models.data.examples import Examples

_EMA_HALF_LIFE_epochs: Final = 1.5
"""Half-life of the exponential moving average of the weights, which is validated and kept."""

_MIN_PROBABILITY: Final = 1e-7
"""Lower limit of a probability in the cross-entropy: one wrong answer must not make it infinite."""


@dataclass(frozen=True)
class Schedule:
    """Optimizer settings.

    Args:
        epochs: passes over the training set.
        learning_rate: AdamW's, after the warm-up; decays to 0 along a cosine.
        weight_decay: AdamW's.
    """

    epochs: int
    learning_rate: float = 3e-3
    weight_decay: float = 4e-2


class Trainer:
    """Trains one model and keeps the best weights; can be stopped and resumed.

    Args:
        model: the network; its weights are changed.
        schedule: optimizer settings.
        batches: the training set.
        validation: selects the best epoch by the lowest cross-entropy, which is less noisy than
            accuracy over two thousand faces.
        folder: for ``state.npz``, the checkpoint from which an interrupted run resumes.
        origin: whatever else determines the run (seed, data); only a checkpoint with the same
            origin and schedule is resumed.
        keep_last: keep the weights of the last epoch, not of the best one.
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
                initial_learning_rate=schedule.learning_rate / 20,
                decay_steps=max(self._steps * schedule.epochs, 1),
                warmup_target=schedule.learning_rate,
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
        """Run the remaining epochs, then load the best weights into the model.

        Ctrl-C ends the training early and keeps the best weights so far.

        Args:
            console: for the result of each epoch; without progress where it is quiet.

        Raises:
            FacetError: Ctrl-C before the first epoch ended.
        """
        report = console.print
        if self._resume():
            report(f"resuming after epoch {self._finished_epochs} of {self.schedule.epochs}")
        try:
            for epoch in range(self._finished_epochs, self.schedule.epochs):
                loss = self._epoch(epoch, has_progress=not console.quiet)
                accuracy, cross_entropy = self._validate()
                if self._keep_last or cross_entropy <= self.best_cross_entropy:
                    self.best_accuracy, self.best_cross_entropy = accuracy, cross_entropy
                    self.best_epoch = epoch + 1
                    self._best = [v.numpy() for v in self._averages]
                self._finished_epochs = epoch + 1
                self._save()
                report(
                    f"epoch {epoch + 1}/{self.schedule.epochs}: loss {loss:.4f}, validation "
                    f"{cross_entropy:.4f}, accuracy {accuracy:.4f} (best: {self.best_accuracy:.4f} "
                    f"in epoch {self.best_epoch})"
                )
        except KeyboardInterrupt:
            if not self.best_epoch:
                raise FacetError("stopped before the first epoch ended: no model to keep") from None
            self.stopped = True
            report(f"stopped; keeping the weights of epoch {self.best_epoch}")
        self.model.set_weights(self._best)

    def _epoch(self, epoch: int, has_progress: bool) -> float:
        """Train for one epoch; returns the mean loss."""
        losses = []
        name = f"epoch {epoch + 1}/{self.schedule.epochs}: batches"
        with Progress(name, self._steps) if has_progress else nullcontext() as progress:
            for step, (images, targets) in enumerate(
                self._batches.epoch(epoch, self.schedule.epochs)
            ):
                loss = self._train_step(images, targets, self._momentum(epoch, step))
                losses.append(float(loss))
                if progress:
                    progress.advance(detail=f"loss {losses[-1]:.3f}")
        return float(np.mean(losses))

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
        """Momentum of the moving average; small at the start, to forget the initial weights."""
        done = epoch * self._steps + step
        settled = 0.5 ** (1 / (_EMA_HALF_LIFE_epochs * self._steps))
        return np.float32(min(settled, (1 + done) / (10 + done)))

    def _validate(self) -> tuple[float, float]:
        """Accuracy and cross-entropy of the averaged weights on the validation set."""
        trained = self.model.get_weights()
        self.model.set_weights([v.numpy() for v in self._averages])
        scores = np.nan_to_num(predict(self.model, self._validation.images), nan=0.0)
        self.model.set_weights(trained)
        classes = self._validation.classes
        right = scores[np.arange(len(classes)), classes]
        return (
            float((scores.argmax(axis=1) == classes).mean()),
            float(-np.log(np.maximum(right, _MIN_PROBABILITY)).mean()),
        )

    def _save(self) -> None:
        """Write everything that the next epoch needs: the whole file or nothing."""
        arrays = {
            "progress": np.array([self._finished_epochs, self.best_epoch], np.int64),
            "best_scores": np.array([self.best_accuracy, self.best_cross_entropy]),
            "recipe": np.array(self._recipe),
            **{f"best{i}": array for i, array in enumerate(self._best)},
            **{f"variable{i}": v.numpy() for i, v in enumerate(self._variables)},
        }
        self._state_path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._state_path.with_suffix(".tmp.npz")
        np.savez(unfinished, allow_pickle=False, **arrays)
        unfinished.replace(self._state_path)

    @property
    def _variables(self) -> list[Any]:
        """All variables of the training; the model's include the state of dropout's randomness."""
        return [*self.model.variables, *self._averages, *self._optimizer.variables]

    def _resume(self) -> bool:
        """Load the checkpoint of an interrupted run of the same recipe; False if there is none."""
        if not self._state_path.exists():
            return False
        with np.load(self._state_path) as state:
            if str(state["recipe"]) != self._recipe:
                return False
            self._finished_epochs, self.best_epoch = (int(n) for n in state["progress"])
            self.best_accuracy, self.best_cross_entropy = (float(n) for n in state["best_scores"])
            self._best = [state[f"best{i}"] for i in range(len(self._best))]
            for i, variable in enumerate(self._variables):
                variable.assign(state[f"variable{i}"])
        return True


def predict(model: keras.Model, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """A float model's outputs [images, classes] for uint8 images [images, height, width]."""
    inputs = images[..., None].astype(np.float32) / 255
    return np.asarray(model.predict(inputs, batch_size=256, verbose=0), np.float32)
