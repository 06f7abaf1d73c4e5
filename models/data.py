"""What the networks learn from: FER+ without leaks, and drawn faces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.kaggle import open_kaggle
from facet.dataset.labels import EMOTIONS, FIVE, LabelSet, vote_distribution
from facet.dataset.npz import USAGE_BY_SPLIT, NpzArchive, open_npz
from facet.errors import FacetError

VALIDATION_SHARE: Final = 0.08
"""Share of FER2013's Training kept back to choose between epochs, quantizations and networks."""

CK_VALIDATION_SHARE: Final = 0.2
"""Share of CK+'s people kept back, likewise."""

SPLIT_SEED: Final = 1
"""Chooses the faces kept back. One for all: a student must not learn from what its teacher saw."""

LEAST_SHARE_OF_VOTES: Final = 0.5
"""A face is learnt from if at least this share of its votes went to the classes."""


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


def split_fer(archive: NpzArchive, label_set: LabelSet = FIVE) -> FerSplits:
    """Split an archive into training, validation and PublicTest.

    Images of Training that also stand, pixel for pixel, in PublicTest or PrivateTest are dropped,
    and a group of identical images falls on one side of the validation split as a whole.

    Args:
        archive: from ``open_fer``.
        label_set: the classes of the targets.
    """
    assert archive.votes is not None
    assert archive.usage is not None
    groups = archive.groups if archive.groups is not None else _identical_images(archive.images)
    is_training = archive.usage == USAGE_BY_SPLIT["training"]
    is_training &= ~np.isin(groups, groups[~is_training])
    ids = np.unique(groups[is_training])
    held_back = np.random.default_rng(SPLIT_SEED).permutation(ids)[
        : round(len(ids) * VALIDATION_SHARE)
    ]
    is_validation = is_training & np.isin(groups, held_back)

    shares = vote_distribution(archive.votes, label_set=label_set)
    is_learnt = is_training & ~is_validation & (shares.sum(axis=1) >= LEAST_SHARE_OF_VOTES)
    targets = shares[is_learnt] / shares[is_learnt].sum(axis=1, keepdims=True)
    return FerSplits(
        Examples(archive.images[is_learnt], targets),
        _labelled(archive, is_validation, label_set),
        _labelled(archive, archive.usage == USAGE_BY_SPLIT["public"], label_set),
        file_sha256(archive.path),
    )


@dataclass(frozen=True)
class CkSplits:
    """CK+, split so that no person stands on two sides."""

    training: Examples
    validation: Examples
    training_subjects: int
    validation_subjects: int
    sha256: str


def open_ck(path: Path) -> NpzArchive:
    """CK+48 as .npz, with who is in each image.

    Raises:
        FacetError: not there, not readable, or without subjects.
    """
    if not path.exists():
        raise FacetError(f"{path}: no CK+ data; give ck48.npz by --ck")
    archive = open_npz(path)
    if archive.subject is None:
        raise FacetError(f"{path}: training on CK+ needs who is in each image ('subject')")
    return archive


def split_ck(archive: NpzArchive, label_set: LabelSet) -> CkSplits:
    """Split an archive by its people; only images of the set's classes are kept.

    Args:
        archive: from ``open_ck``.
        label_set: the classes of the targets.
    """
    people = _shuffled_people(archive)
    return _split_by(archive, label_set, people[: round(len(people) * CK_VALIDATION_SHARE)])


def ck_folds(archive: NpzArchive, label_set: LabelSet, folds: int) -> list[CkSplits]:
    """Split an archive's people into parts, each of which is kept back once.

    Args:
        archive: from ``open_ck``.
        label_set: the classes of the targets.
        folds: how many parts, at most one a person.
    """
    people = _shuffled_people(archive)
    return [
        _split_by(archive, label_set, people[start::folds])
        for start in range(min(folds, len(people)))
    ]


def _shuffled_people(archive: NpzArchive) -> npt.NDArray[Any]:
    assert archive.subject is not None
    return np.random.default_rng(SPLIT_SEED).permutation(np.unique(archive.subject))


def _split_by(archive: NpzArchive, label_set: LabelSet, kept_back: npt.NDArray[Any]) -> CkSplits:
    assert archive.subject is not None
    is_validation = np.isin(archive.subject, kept_back)
    return CkSplits(
        _labelled(archive, ~is_validation, label_set),
        _labelled(archive, is_validation, label_set),
        len(np.unique(archive.subject)) - len(kept_back),
        len(kept_back),
        file_sha256(archive.path),
    )


def in_classes(
    targets: npt.NDArray[np.float32], own: LabelSet, wanted: LabelSet
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Targets of one set of classes in those of a coarser or smaller one.

    Args:
        targets: [..., classes of ``own``].
        own, wanted: the sets.

    Returns:
        How much of each target the wanted classes hold, [...], and the targets [..., classes of
        ``wanted``], their rows summing to 1 again.
    """
    into = np.zeros((len(own.labels), len(wanted.labels)), np.float32)
    for row, label in enumerate(wanted.classes_of(own.labels)):
        if label is not None:
            into[row, wanted.index(label)] = 1
    sums = targets @ into
    share = sums.sum(axis=-1)
    return share, sums / np.maximum(share, np.float32(1e-9))[..., None]


def no_examples(label_set: LabelSet, side: int = 48) -> Examples:
    """An empty set."""
    return Examples(
        np.zeros((0, side, side), np.uint8), np.zeros((0, len(label_set.labels)), np.float32)
    )


def one_hot(labels: list[str], classes: tuple[str, ...] = EMOTIONS) -> npt.NDArray[np.float32]:
    """Certain labels as rows of a target matrix, float32 [labels, classes]."""
    rows = np.zeros((len(labels), len(classes)), np.float32)
    rows[np.arange(len(labels)), [classes.index(label) for label in labels]] = 1
    return rows


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _labelled(archive: NpzArchive, mask: npt.NDArray[np.bool_], label_set: LabelSet) -> Examples:
    labels = archive.labels_for(label_set)
    labelled = [(i, label) for i, label in enumerate(labels) if mask[i] and label is not None]
    chosen = [i for i, _ in labelled]
    return Examples(
        archive.images[chosen], one_hot([label for _, label in labelled], label_set.labels)
    )


def _identical_images(images: GrayImage) -> npt.NDArray[np.int64]:
    """A number for each image, the same for images with the same pixels."""
    first_seen: dict[bytes, int] = {}
    return np.array(
        [first_seen.setdefault(image.tobytes(), i) for i, image in enumerate(images)], np.int64
    )
