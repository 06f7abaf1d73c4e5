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
    """Real faces, with drawn ones among them, each changed at random.

    Args:
        real: an epoch shows each once.
        drawn: a share of each batch is taken from these; may be empty.
        drawn_share: 0..1.
        seed: of the order and the changes.
        strength: of the changes, as of ``augment``.
    """

    def __init__(
        self,
        real: Examples,
        drawn: Examples,
        drawn_share: float,
        seed: int,
        strength: float = 1.0,
    ) -> None:
        self._real = real
        self._strength = strength
        self._drawn = drawn
        self._drawn_share = drawn_share
        self._seed = seed
        self._drawn_in_batch = round(BATCH * drawn_share) if len(drawn) else 0
        self.real_in_batch = BATCH - self._drawn_in_batch

    @property
    def steps(self) -> int:
        """Batches in an epoch; at least one, where there are fewer faces than a batch holds."""
        return max(len(self._real) // self.real_in_batch, 1)

    def epoch(self, number: int) -> Iterator[Batch]:
        """An epoch's batches; the same ones for the same number, resumed or not."""
        rng = np.random.default_rng([self._seed, number])
        order = rng.permutation(len(self._real))
        for step in range(self.steps):
            real = order[step * self.real_in_batch : (step + 1) * self.real_in_batch]
            images, targets = self._real.images[real], self._real.targets[real]
            if self._drawn_in_batch:
                drawn = rng.integers(len(self._drawn), size=self._drawn_in_batch)
                images = np.concatenate([images, self._drawn.images[drawn]])
                targets = np.concatenate([targets, self._drawn.targets[drawn]])
            yield augment(images, rng, self._strength), targets

    def under(self, strength: float) -> AugmentedBatches:
        """The same faces under changes of another strength."""
        return AugmentedBatches(
            self._real,
            self._drawn,
            self._drawn_share,
            self._seed,
            strength,
        )
