"""Labelled images in memory, and the conversion of labels from one set of classes to another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.labels import EMOTIONS, LabelSet

INPUT_SIDE: Final = 48
"""Height and width of every network's input, in pixels."""

_SMALLEST_SHARE: Final = np.float32(1e-9)
"""Avoids a division by zero where the wanted classes have no share of a target."""


@dataclass(frozen=True)
class Examples:
    """Images with their target distributions.

    Args:
        images: uint8 [examples, height, width].
        targets: float32 [examples, classes]; each row sums to 1 (hard or soft labels).
    """

    images: GrayImage
    targets: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.images)

    @classmethod
    def empty(cls, label_set: LabelSet) -> Examples:
        """No examples of the classes of ``label_set``."""
        images = np.zeros((0, INPUT_SIDE, INPUT_SIDE), np.uint8)
        return cls(images, np.zeros((0, len(label_set.labels)), np.float32))

    @property
    def classes(self) -> npt.NDArray[np.int64]:
        """The most probable class of each example, int64 [examples]."""
        return np.asarray(self.targets.argmax(axis=1), np.int64)

    def repeated(self, times: int) -> Examples:
        """All examples, ``times`` times over."""
        return Examples(
            np.tile(self.images, (times, 1, 1)),
            np.tile(self.targets, (times, 1)),
        )

    def joined(self, other: Examples) -> Examples:
        """These examples followed by ``other``, which has the same classes."""
        return Examples(
            np.concatenate([self.images, other.images]),
            np.concatenate([self.targets, other.targets]),
        )

    def converted(self, own: LabelSet, wanted: LabelSet) -> Examples:
        """The examples in the classes of ``wanted``; those without a share in them are dropped.

        Args:
            own: the classes of ``targets``.
            wanted: the classes of the result.
        """
        share, targets = convert_targets(self.targets, own, wanted)
        return Examples(self.images[share > 0], targets[share > 0])


def convert_targets(
    targets: npt.NDArray[np.float32], own: LabelSet, wanted: LabelSet
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Convert target distributions to a coarser or smaller set of classes.

    Args:
        targets: float32 [..., classes of ``own``].
        own: the classes of ``targets``.
        wanted: the classes of the result.

    Returns:
        The share of each target that falls into the wanted classes, [...], and the targets over
        these classes, [..., classes of ``wanted``], normalized to a sum of 1.
    """
    into = np.zeros((len(own.labels), len(wanted.labels)), np.float32)
    for row, label in enumerate(wanted.classes_of(own.labels)):
        if label is not None:
            into[row, wanted.index(label)] = 1
    sums = targets @ into
    share = sums.sum(axis=-1)
    return share, sums / np.maximum(share, _SMALLEST_SHARE)[..., None]


def one_hot(labels: list[str], classes: tuple[str, ...] = EMOTIONS) -> npt.NDArray[np.float32]:
    """Hard labels as a target matrix, float32 [labels, classes]."""
    rows = np.zeros((len(labels), len(classes)), np.float32)
    rows[np.arange(len(labels)), [classes.index(label) for label in labels]] = 1
    return rows


def as_network_input(images: GrayImage) -> npt.NDArray[np.float32]:
    """Images uint8 [n, height, width] as network input, float32 [n, height, width, 1] in 0..1."""
    return images[..., None].astype(np.float32) * np.float32(1 / 255)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
