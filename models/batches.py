"""Where a training step's faces come from: changed anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from models.augment import augment
from models.data import Examples

BATCH: Final = 128

Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Images [BATCH, height, width, 1] in 0..1 and targets [BATCH, classes]."""


class AugmentedBatches:
    """Faces, with some of another kind among them, each changed at random.

    Args:
        faces: an epoch shows each once.
        others: a share of each batch is taken from these at random; may be empty.
        others_share: 0..1.
        seed: of the order and the changes.
        strength: of the changes when the training begins, as of ``augment``.
        last_strength: what it has come down to when the training ends; None: it stays.
    """

    def __init__(
        self,
        faces: Examples,
        others: Examples,
        others_share: float,
        seed: int,
        strength: float = 1.0,
        last_strength: float | None = None,
    ) -> None:
        self._faces = faces
        self._strength = strength
        self._last_strength = strength if last_strength is None else last_strength
        self._others = others
        self._others_share = others_share
        self._seed = seed
        self._others_in_batch = round(BATCH * others_share) if len(others) else 0
        self.faces_in_batch = BATCH - self._others_in_batch

    @property
    def steps(self) -> int:
        """Batches in an epoch; at least one, where there are fewer faces than a batch holds."""
        return max(len(self._faces) // self.faces_in_batch, 1)

    def epoch(self, number: int, epochs: int = 1) -> Iterator[Batch]:
        """An epoch's batches; the same ones for the same numbers, resumed or not.

        Args:
            number: of the epoch, from 0.
            epochs: of the training.
        """
        done = number / max(epochs - 1, 1)
        strength = self._strength + (self._last_strength - self._strength) * done
        rng = np.random.default_rng([self._seed, number])
        order = rng.permutation(len(self._faces))
        for step in range(self.steps):
            chosen = order[step * self.faces_in_batch : (step + 1) * self.faces_in_batch]
            images, targets = self._faces.images[chosen], self._faces.targets[chosen]
            if self._others_in_batch:
                some = rng.integers(len(self._others), size=self._others_in_batch)
                images = np.concatenate([images, self._others.images[some]])
                targets = np.concatenate([targets, self._others.targets[some]])
            yield augment(images, rng, strength), targets

    def as_at_the_end(self) -> AugmentedBatches:
        """The same faces under the changes that a training ends with."""
        return AugmentedBatches(
            self._faces, self._others, self._others_share, self._seed, self._last_strength
        )
