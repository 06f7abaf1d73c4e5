"""FER2013/FER+ and CK+48 as NumPy archives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.labels import (
    FER_NAMES,
    FERPLUS_NAMES,
    FIVE,
    LABEL_SETS,
    LabelSet,
    emotion_name,
    folded,
    is_emotion,
    majority_labels,
    vote_distribution,
)
from facet.dataset.npz_file import read_arrays
from facet.dataset.splits import split_named
from facet.errors import FacetError
from facet.text import printable

USAGE_BY_SPLIT: Final = {"training": 0, "public": 1, "private": 2, "validation": 3, "test": 4}
"""The number of each split in ``NpzArchive.usage``. An archive's own ``usage`` may have the first
three: FER2013's Training, PublicTest and PrivateTest."""

_FER_USAGE: Final = frozenset({0, 1, 2})

SPLIT_KEYS: Final = ("usage", "split", "subset", "partition", "set")
"""Names of the array, or of the column, that has each picture's split."""

_ROWS: Final = (*SPLIT_KEYS, "ferplus", "fer", "label", "dup_group", "subject")
"""Arrays with a row for each image."""

_NAMES: Final = ("ferplus_names", "fer_names", "label_names")

_MOST_NAMES: Final = 10_000

_LEAST_AGREEMENT: Final = 0.4
"""FER+'s first choice is FER2013's own label for 63 % of the images (28,709 of Training and 3,428
of PublicTest); of images in another order, for 17 to 18 %."""

_ROWS_TO_COMPARE: Final = 100
"""Fewer rows agree by chance too often."""


@dataclass(frozen=True)
class NpzArchive:
    """The arrays of one archive, checked for consistency.

    Args:
        path: the file.
        images: uint8 [frames, height, width].
        votes: FER+ votes [frames, len(vote_names)], None in an archive without them.
        vote_names: what each column of the votes means.
        given: the label of each frame, in the data set's own words (FER2013's seven, CK+'s, any
            others); None in an archive that has votes only.
        usage: the split of each frame (``USAGE_BY_SPLIT``); None in an archive without splits.
        groups: equal for pixel-identical images; None where the archive has no such array.
        subject: the person in each frame (CK+); None where the archive has no such array.
        unread: names of the arrays or columns that are not read.
        label_names: what the values of ``label`` mean; empty where the labels are texts.
    """

    path: Path
    images: GrayImage
    votes: npt.NDArray[Any] | None = None
    vote_names: tuple[str, ...] = FERPLUS_NAMES
    given: tuple[str, ...] | None = None
    usage: npt.NDArray[Any] | None = None
    groups: npt.NDArray[Any] | None = None
    subject: npt.NDArray[Any] | None = None
    unread: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()

    @property
    def labels(self) -> Sequence[str | None]:
        """``labels_for`` the five classes."""
        return self.labels_for(FIVE)

    def labels_for(self, label_set: LabelSet) -> list[str | None]:
        """Each frame's class: by FER+'s majority rule where there are votes, else as given.

        None where the rule gives no label, or one that the set has no class for.
        """
        if self.votes is not None:
            return majority_labels(self.votes, self.vote_names, label_set)
        return label_set.classes_of(self.given or ())

    def distribution_for(self, label_set: LabelSet) -> npt.NDArray[np.float32]:
        """Each frame's soft label, float32 [frames, classes]; rows as of ``vote_distribution``.

        Without votes a row is 1 for the frame's class, or zeros where the set has none for it.
        """
        if self.votes is not None:
            return vote_distribution(self.votes, self.vote_names, label_set)
        rows = np.zeros((len(self.images), len(label_set.labels)), np.float32)
        for row, label in zip(rows, self.labels_for(label_set), strict=True):
            if label is not None:
                row[label_set.index(label)] = 1
        return rows

    def indices(self, split: str) -> list[int]:
        """Indices of a split's frames; an archive without ``usage`` is all one split."""
        if self.usage is None:
            return list(range(len(self.images)))
        return [int(i) for i in np.flatnonzero(self.usage == USAGE_BY_SPLIT[split])]

    @property
    def is_ck_plus(self) -> bool:
        """Whether it has CK+'s seven labels and no splits: CK+ is published as one set."""
        named = {emotion_name(name) for name in self.label_names}
        return self.usage is None and named == set(LABEL_SETS["ck7"].labels)

    @property
    def has_emotions(self) -> bool:
        """Whether the labels are emotions, as those of FER2013 and CK+ are."""
        return self.votes is not None or any(is_emotion(name) for name in set(self.given or ()))

    def names_in(self, indices: Sequence[int]) -> list[str]:
        """The labels of these frames as the data set spells them, without repeats, sorted."""
        if self.votes is None:
            return sorted({self.given[i] for i in indices} if self.given else ())
        return sorted({self.vote_names[column] for column in self.votes[indices].argmax(axis=1)})


def open_npz(path: Path, label_names: Sequence[str] = ()) -> NpzArchive:
    """Reads an archive with the keys of FER2013/FER+ or CK+48.

    ``images`` with ``ferplus`` (votes) or ``fer`` (labels) or ``label`` (CK+, or labels of any
    kind), each with the names of its columns or values in ``ferplus_names``, ``fer_names``,
    ``label_names``. Other arrays are not read.

    Args:
        path: the file.
        label_names: what the values of ``label`` mean in an archive without ``label_names``.

    Raises:
        FacetError: unreadable, a key missing, shapes that do not belong together, or votes that
            are in another order than the labels.
    """
    arrays, names, unread = _read(path)
    if "images" not in arrays:
        raise FacetError(f"{path}: no array 'images' (found: {', '.join(names[:12]) or 'nothing'})")
    images = arrays["images"]
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise FacetError(
            f"{path}: 'images' must be uint8 [frames, height, width], "
            f"not {images.dtype} {list(images.shape)}"
        )
    for key in _ROWS:
        if key in arrays and (arrays[key].ndim == 0 or len(arrays[key]) != len(images)):
            raise FacetError(
                f"{path}: '{key}' has shape {list(arrays[key].shape)} for {len(images)} images"
            )
    for key in ("dup_group", "subject"):
        if key in arrays and arrays[key].ndim != 1:
            raise FacetError(
                f"{path}: '{key}' must be [frames], not of shape {list(arrays[key].shape)}"
            )
    votes, vote_names = _votes(path, arrays)
    given = _given(path, arrays, label_names)
    if votes is None and given is None:
        raise FacetError(f"{path}: no labels: needs an array 'ferplus', 'fer' or 'label'")
    if votes is not None and given is not None:
        check_agreement(str(path), votes, vote_names, given)
    usage = _usage(path, arrays)
    check_levels(path, images)
    return NpzArchive(
        path,
        images,
        votes,
        vote_names,
        given,
        usage,
        arrays.get("dup_group"),
        arrays.get("subject"),
        unread,
        _texts(path, arrays, "label_names"),
    )


def check_levels(where: object, images: GrayImage) -> None:
    """Refuses pictures that were stored as 0 and 1.

    Raises:
        FacetError: no pixel is above 1.
    """
    if len(images) and images.max() <= 1:
        raise FacetError(
            f"{where}: no pixel is above 1: a pixel must be 0 (black) to 255 (white); multiply "
            "before the conversion to whole numbers"
        )


def _read(path: Path) -> tuple[dict[str, npt.NDArray[Any]], list[str], tuple[str, ...]]:
    """The arrays whose names are known, in any case; the names of all; and those not read."""
    _, names = read_arrays(path, ())
    known = {"images", *_ROWS, *_NAMES}
    stored: dict[str, str] = {}
    for name in names:
        key = name.lower()
        if key not in known:
            continue
        if key in stored:
            raise FacetError(
                f"{path}: two arrays, '{stored[key]}' and '{name}', are '{key}': keep one"
            )
        stored[key] = name
    arrays, _ = read_arrays(path, stored.values())
    unread = tuple(name for name in names if name not in stored.values())
    return {key: arrays[name] for key, name in stored.items()}, names, unread


def check_agreement(
    where: str, votes: npt.NDArray[Any], vote_names: Sequence[str], given: Sequence[str]
) -> None:
    """Refuses votes that belong to other rows than the labels.

    Raises:
        FacetError: the votes' first choice is the given label too rarely.
    """
    if len(given) < _ROWS_TO_COMPARE:
        return
    labels = LABEL_SETS["eight"]
    chosen = labels.classes_of(vote_names)
    pairs = [
        (chosen[column], label)
        for column, label in zip(votes.argmax(axis=1), labels.classes_of(given), strict=True)
        if label is not None
    ]
    share = sum(vote == label for vote, label in pairs) / max(len(pairs), 1)
    if len(pairs) >= _ROWS_TO_COMPARE and share < _LEAST_AGREEMENT:
        raise FacetError(
            f"{where}: the votes and the labels are of different images: they agree on "
            f"{share:.0%} of {len(pairs)} rows, FER+ and FER2013 on 63%; take both files in the "
            "order in which they were published"
        )


def _usage(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any] | None:
    found = [key for key in SPLIT_KEYS if key in arrays]
    if not found:
        return None
    if len(found) > 1:
        raise FacetError(
            f"{path}: '{found[0]}' and '{found[1]}' both name splits: keep one of the two arrays"
        )
    key = found[0]
    usage = arrays[key]
    if usage.ndim == 1 and usage.dtype.kind in "US":
        return np.array([usage_of(path, key, text) for text in _decoded(path, usage, key)])
    is_fer = key == "usage" and usage.ndim == 1 and usage.dtype.kind in "iu"
    if not is_fer or not set(usage.tolist()) <= _FER_USAGE:
        numbers = (
            "0, 1 or 2 for each image (training, public, private), or " if key == "usage" else ""
        )
        raise FacetError(
            f"{path}: '{key}' must be {numbers}the name of each image's split (train, val, test), "
            f"not {usage.dtype} {list(usage.shape)} with other values"
        )
    return usage


def usage_of(where: object, key: str, name: str) -> int:
    """The number of the split that a text names ("train", "PublicTest").

    Raises:
        FacetError: it names none.
    """
    found = split_named(name)
    if found is None:
        raise FacetError(
            f"{where}: '{key}' has {printable(name)!r}, which is not a split: write "
            "Training, PublicTest, PrivateTest, train, val or test"
        )
    return USAGE_BY_SPLIT[found[0]]


def _votes(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]]
) -> tuple[npt.NDArray[Any] | None, tuple[str, ...]]:
    names = _texts(path, arrays, "ferplus_names") or FERPLUS_NAMES
    votes = arrays.get("ferplus")
    if votes is None:
        return None, names
    if votes.ndim != 2 or votes.shape[1] != len(names):
        raise FacetError(
            f"{path}: 'ferplus' must be votes [frames, {len(names)}], not {list(votes.shape)}"
        )
    if votes.dtype.kind not in "iu" or (votes.size and votes.min() < 0):
        raise FacetError(
            f"{path}: 'ferplus' must be numbers of votes, 0 or more, not {votes.dtype} from "
            f"{votes.min() if votes.size else 0}"
        )
    return votes, names


def _given(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], label_names: Sequence[str]
) -> tuple[str, ...] | None:
    found = {
        key: _names_by_value(path, arrays, key, known_names)
        for key, known_names in (("fer", FER_NAMES), ("label", label_names))
        if key in arrays
    }
    if len(found) == 2:
        for row, pair in enumerate(zip(found["fer"], found["label"], strict=True)):
            fer, label = (emotion_name(name) or folded(name) for name in pair)
            if fer != label:
                raise FacetError(
                    f"{path}: 'fer' and 'label' differ, first in row {row}: {pair[0]!r} and "
                    f"{pair[1]!r}; keep one of the two arrays"
                )
    return next(iter(found.values()), None)


def _names_by_value(
    path: Path,
    arrays: Mapping[str, npt.NDArray[Any]],
    key: str,
    known_names: Sequence[str],
) -> tuple[str, ...]:
    values = arrays[key]
    if values.ndim == 1 and values.dtype.kind in "US":
        return _decoded(path, values, key)
    names = _texts(path, arrays, f"{key}_names") or tuple(known_names)
    if not names:
        raise FacetError(
            f"{path}: '{key}' needs '{key}_names' to say what its values mean; or write, for "
            "example, --labels open,closed"
        )
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise FacetError(
            f"{path}: '{key}' must be whole numbers [frames], not {values.dtype} "
            f"{list(values.shape)}"
        )
    if len(values) and not 0 <= int(values.min()) <= int(values.max()) < len(names):
        raise FacetError(f"{path}: '{key}' has values outside 0..{len(names) - 1}")
    return tuple(names[value] for value in values.tolist())


def _texts(path: Path, arrays: Mapping[str, npt.NDArray[Any]], key: str) -> tuple[str, ...]:
    """An array of names; empty where there is none."""
    if key not in arrays:
        return ()
    names = arrays[key]
    if names.ndim != 1 or names.dtype.kind not in "US" or len(names) > _MOST_NAMES:
        raise FacetError(f"{path}: '{key}' must be names, not {names.dtype} {list(names.shape)}")
    return _decoded(path, names, key)


def _decoded(path: Path, texts: npt.NDArray[Any], key: str) -> tuple[str, ...]:
    """Texts, or bytes in UTF-8, as strings."""
    try:
        return tuple(t.decode() if isinstance(t, bytes) else str(t) for t in texts.tolist())
    except UnicodeDecodeError:
        raise FacetError(f"{path}: '{key}' has bytes that are not UTF-8: store texts") from None
