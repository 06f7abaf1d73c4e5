"""Training batches, augmented differently in each epoch.

In NumPy and OpenCV, not as Keras layers: a batch depends on the seed and the number of the epoch
alone, so that a resumed run sees the same batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from models.data.augmentation import augment
from models.data.examples import Examples

BATCH_SIZE: Final = 128

Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Images [BATCH_SIZE, height, width, 1] in 0..1 and targets [BATCH_SIZE, classes]."""


@dataclass(frozen=True)
class AugmentedBatches:
    """Shuffled and augmented batches of one data set, with a second one mixed in.

    Args:
        examples: each is used once in an epoch.
        mixed_in: sampled at random, with replacement; may be empty.
        mixed_in_share: share of each batch that comes from ``mixed_in``, 0..1.
        seed: of the order and the augmentation.
        augmentation: strength of the augmentation in the first epoch, as for ``augment``.
        final_augmentation: its strength in the last epoch, linear in between; None: constant.
    """

    examples: Examples
    mixed_in: Examples
    mixed_in_share: float
    seed: int
    augmentation: float = 1.0
    final_augmentation: float | None = None

    @property
    def _mixed_in_batch(self) -> int:
        return round(BATCH_SIZE * self.mixed_in_share) if len(self.mixed_in) else 0

    @property
    def _examples_in_batch(self) -> int:
        return BATCH_SIZE - self._mixed_in_batch

    @property
    def _final_augmentation(self) -> float:
        return self.augmentation if self.final_augmentation is None else self.final_augmentation

    @property
    def steps(self) -> int:
        """Batches in an epoch; at least one, also where the examples do not fill a batch."""
        return max(len(self.examples) // self._examples_in_batch, 1)

    def epoch(self, number: int, epochs: int = 1) -> Iterator[Batch]:
        """The batches of an epoch; the same for the same arguments.

        Args:
            number: of the epoch, from 0.
            epochs: of the whole training.
        """
        progress = number / max(epochs - 1, 1)
        strength = self.augmentation + (self._final_augmentation - self.augmentation) * progress
        rng = np.random.default_rng([self.seed, number])
        order = rng.permutation(len(self.examples))
        for step in range(self.steps):
            chosen = order[step * self._examples_in_batch : (step + 1) * self._examples_in_batch]
            images, targets = self.examples.images[chosen], self.examples.targets[chosen]
            if self._mixed_in_batch:
                some = rng.integers(len(self.mixed_in), size=self._mixed_in_batch)
                images = np.concatenate([images, self.mixed_in.images[some]])
                targets = np.concatenate([targets, self.mixed_in.targets[some]])
            yield augment(images, rng, strength), targets

    def with_final_augmentation(self) -> AugmentedBatches:
        """The same batches with the augmentation of the last epoch throughout."""
        return replace(self, augmentation=self._final_augmentation, final_augmentation=None)
