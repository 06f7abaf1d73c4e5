"""FER+ and CK+, split into training, validation and test without leaks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.kaggle import open_kaggle
from facet.dataset.labels import FIVE, LabelSet, vote_distribution
from facet.dataset.npz import USAGE_BY_SPLIT, NpzArchive, open_npz
from facet.errors import FacetError
from models.data.examples import Examples, file_sha256, one_hot

VALIDATION_SHARE: Final = 0.08
"""Share of FER2013's Training that is held out to choose epochs, quantizations and networks."""

CK_VALIDATION_SHARE: Final = 0.2
"""Share of CK+'s subjects that is held out for the same purpose."""

SPLIT_SEED: Final = 1
"""Fixed, so that a student is never validated on the training data of its teacher."""

MIN_VOTE_SHARE: Final = 0.5
"""A face is trained on if at least this share of its votes went to the model's classes."""


@dataclass(frozen=True)
class FerSplits:
    """FER2013/FER+, split so that no image is in two splits.

    ``training`` has soft labels from all votes; ``validation`` and ``public`` hold only the frames
    that the majority rule labels, as a test does.
    """

    training: Examples
    validation: Examples
    public: Examples
    sha256: str


def open_fer(path: Path) -> NpzArchive:
    """Open FER2013 with its FER+ votes, as .npz or as Kaggle's CSV.

    Raises:
        FacetError: missing, unreadable, or without FER+'s votes and splits.
    """
    if not path.exists():
        raise FacetError(
            f"{path}: no training data; give FER2013 with FER+ votes by --data (`make train "
            "DATASET=...`): an .npz, or fer2013.csv with fer2013new.csv beside it"
        )
    archive = open_npz(path) if path.suffix == ".npz" else open_kaggle(path)
    if archive.votes is None or archive.usage is None:
        raise FacetError(f"{path}: training needs FER+ votes ('ferplus') and splits ('usage')")
    return archive


def split_fer(archive: NpzArchive, label_set: LabelSet = FIVE) -> FerSplits:
    """Split an archive into training, validation and PublicTest.

    Images of Training that are also in PublicTest or PrivateTest, pixel for pixel, are dropped. A
    group of identical images stays together, in training or in validation.

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
    held_out = np.random.default_rng(SPLIT_SEED).permutation(ids)[
        : round(len(ids) * VALIDATION_SHARE)
    ]
    is_validation = is_training & np.isin(groups, held_out)

    shares = vote_distribution(archive.votes, label_set=label_set)
    is_trained_on = is_training & ~is_validation & (shares.sum(axis=1) >= MIN_VOTE_SHARE)
    targets = shares[is_trained_on] / shares[is_trained_on].sum(axis=1, keepdims=True)
    return FerSplits(
        Examples(archive.images[is_trained_on], targets),
        _labelled(archive, is_validation, label_set),
        _labelled(archive, archive.usage == USAGE_BY_SPLIT["public"], label_set),
        file_sha256(archive.path),
    )


@dataclass(frozen=True)
class CkSplits:
    """CK+, split so that no subject is in two splits."""

    training: Examples
    validation: Examples
    training_subjects: int
    validation_subjects: int
    sha256: str


def open_ck(path: Path) -> NpzArchive:
    """Open CK+48 as .npz, with the subject of each image.

    Raises:
        FacetError: missing, unreadable, or without subjects.
    """
    if not path.exists():
        raise FacetError(
            f"{path}: no training data; give CK+48 as .npz by --ck (`make train CK=...`)"
        )
    archive = open_npz(path)
    if archive.subject is None:
        raise FacetError(f"{path}: training on CK+ needs the subject of each image ('subject')")
    return archive


def split_ck(archive: NpzArchive, label_set: LabelSet) -> CkSplits:
    """Split an archive by subject; only images of the classes of ``label_set`` are kept.

    Args:
        archive: from ``open_ck``.
        label_set: the classes of the targets.
    """
    subjects = _shuffled_subjects(archive)
    held_out = subjects[: round(len(subjects) * CK_VALIDATION_SHARE)]
    return _split_by_subject(archive, label_set, held_out)


def ck_folds(archive: NpzArchive, label_set: LabelSet, folds: int) -> list[CkSplits]:
    """Split an archive's subjects for cross-validation: each is held out in one fold.

    Args:
        archive: from ``open_ck``.
        label_set: the classes of the targets.
        folds: number of folds, at most one for each subject.
    """
    subjects = _shuffled_subjects(archive)
    return [
        _split_by_subject(archive, label_set, subjects[start::folds])
        for start in range(min(folds, len(subjects)))
    ]


def _shuffled_subjects(archive: NpzArchive) -> npt.NDArray[Any]:
    assert archive.subject is not None
    return np.random.default_rng(SPLIT_SEED).permutation(np.unique(archive.subject))


def _split_by_subject(
    archive: NpzArchive, label_set: LabelSet, held_out: npt.NDArray[Any]
) -> CkSplits:
    assert archive.subject is not None
    is_validation = np.isin(archive.subject, held_out)
    return CkSplits(
        _labelled(archive, ~is_validation, label_set),
        _labelled(archive, is_validation, label_set),
        len(np.unique(archive.subject)) - len(held_out),
        len(held_out),
        file_sha256(archive.path),
    )


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
