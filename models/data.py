"""What the networks learn from: FER+ without leaks, and drawn faces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.dataset.frame import GrayImage
from sim.dataset.kaggle import open_kaggle
from sim.dataset.labels import EMOTIONS, vote_distribution
from sim.dataset.npz import USAGE_BY_SPLIT, NpzArchive, open_npz
from sim.errors import FacetError

VALIDATION_SHARE: Final = 0.08
"""Share of FER2013's Training kept back to choose between epochs, quantizations and networks."""

LEAST_SHARE_OF_VOTES: Final = 0.5
"""A face is learnt from if at least this share of its votes went to the five classes."""


@dataclass(frozen=True)
class Examples:
    """Faces with what is to be said of them.

    Args:
        images: uint8 [examples, 48, 48].
        targets: float32 [examples, classes], rows sum to 1 (a soft label).
    """

    images: GrayImage
    targets: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def classes(self) -> npt.NDArray[np.int64]:
        """The likeliest class of each."""
        return np.asarray(self.targets.argmax(axis=1), np.int64)


@dataclass(frozen=True)
class FerSplits:
    """FER2013/FER+, split so that no image stands on two sides.

    ``training`` has soft labels from all votes; ``validation`` and ``public`` hold only frames
    that the majority rule labels, as a test does.
    """

    training: Examples
    validation: Examples
    public: Examples
    sha256: str


def open_fer(path: Path) -> NpzArchive:
    """FER2013 as .npz or Kaggle's CSV, with votes.

    Raises:
        FacetError: not there, not readable, or without FER+'s votes and splits.
    """
    if not path.exists():
        raise FacetError(
            f"{path}: no training data; give FER2013 with FER+ votes by --data: an .npz or "
            "fer2013.csv with fer2013new.csv beside it"
        )
    archive = open_npz(path) if path.suffix == ".npz" else open_kaggle(path)
    if archive.votes is None or archive.usage is None:
        raise FacetError(f"{path}: training needs FER+ votes ('ferplus') and splits ('usage')")
    return archive


def split_fer(archive: NpzArchive, seed: int) -> FerSplits:
    """Split an archive into training, validation and PublicTest.

    Images of Training that also stand, pixel for pixel, in PublicTest or PrivateTest are dropped,
    and a group of identical images falls on one side of the validation split as a whole.

    Args:
        archive: from ``open_fer``.
        seed: chooses the validation images.
    """
    assert archive.votes is not None
    assert archive.usage is not None
    groups = archive.groups if archive.groups is not None else _identical_images(archive.images)
    is_training = archive.usage == USAGE_BY_SPLIT["training"]
    is_training &= ~np.isin(groups, groups[~is_training])
    ids = np.unique(groups[is_training])
    held_back = np.random.default_rng(seed).permutation(ids)[: round(len(ids) * VALIDATION_SHARE)]
    is_validation = is_training & np.isin(groups, held_back)

    shares = vote_distribution(archive.votes)
    is_learnt = is_training & ~is_validation & (shares.sum(axis=1) >= LEAST_SHARE_OF_VOTES)
    targets = shares[is_learnt] / shares[is_learnt].sum(axis=1, keepdims=True)
    return FerSplits(
        Examples(archive.images[is_learnt], targets),
        _labelled(archive, is_validation),
        _labelled(archive, archive.usage == USAGE_BY_SPLIT["public"]),
        file_sha256(archive.path),
    )


def one_hot(labels: list[str]) -> npt.NDArray[np.float32]:
    """Certain labels as rows of a target matrix, float32 [labels, 5]."""
    rows = np.zeros((len(labels), len(EMOTIONS)), np.float32)
    rows[np.arange(len(labels)), [EMOTIONS.index(label) for label in labels]] = 1
    return rows


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _labelled(archive: NpzArchive, mask: npt.NDArray[np.bool_]) -> Examples:
    labelled = [
        (i, label) for i, label in enumerate(archive.labels) if mask[i] and label is not None
    ]
    chosen = [i for i, _ in labelled]
    return Examples(archive.images[chosen], one_hot([label for _, label in labelled]))


def _identical_images(images: GrayImage) -> npt.NDArray[np.int64]:
    """A number for each image, the same for images with the same pixels."""
    first_seen: dict[bytes, int] = {}
    return np.array(
        [first_seen.setdefault(image.tobytes(), i) for i, image in enumerate(images)], np.int64
    )
