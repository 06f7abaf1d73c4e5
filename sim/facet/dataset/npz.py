"""FER2013/FER+ and CK+48 as NumPy archives."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
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
    LabelSet,
    majority_labels,
    vote_distribution,
)
from facet.errors import FacetError

USAGE_BY_SPLIT: Final = {"training": 0, "public": 1, "private": 2}
"""``usage`` in the archive: FER2013's Training, PublicTest and PrivateTest."""


@dataclass(frozen=True)
class NpzArchive:
    """The arrays of one archive, checked against each other.

    Args:
        path: the file.
        images: uint8 [frames, height, width].
        votes: FER+ votes [frames, len(vote_names)], None in an archive without them.
        vote_names: what each column of the votes means.
        given: the label that each frame came with, in the data set's own words (FER2013's seven,
            CK+'s); None in an archive that has votes only.
        usage: 0, 1, 2 for each frame (``USAGE_BY_SPLIT``), None in an archive without splits.
        groups: equal for pixel-identical images, None where the archive does not say.
        subject: who is in each frame (CK+), None where the archive does not say.
    """

    path: Path
    images: GrayImage
    votes: npt.NDArray[Any] | None = None
    vote_names: tuple[str, ...] = FERPLUS_NAMES
    given: tuple[str, ...] | None = None
    usage: npt.NDArray[Any] | None = None
    groups: npt.NDArray[Any] | None = None
    subject: npt.NDArray[Any] | None = None

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

    def names_in(self, indices: Sequence[int]) -> list[str]:
        """What the data set itself says that these frames show, without repeats, by name."""
        if self.votes is None:
            return sorted({self.given[i] for i in indices} if self.given else ())
        return sorted({self.vote_names[column] for column in self.votes[indices].argmax(axis=1)})


def open_npz(path: Path) -> NpzArchive:
    """Read an archive with the keys of FER2013/FER+ or CK+48.

    ``images`` with ``ferplus`` (votes) or ``fer`` (labels) or ``label`` (CK+), each with the
    names of its columns or values in ``ferplus_names``, ``fer_names``, ``label_names``.

    Raises:
        FacetError: unreadable, a key missing, or shapes that do not belong together.
    """
    arrays = _read_arrays(path)
    if "images" not in arrays:
        raise FacetError(
            f"{path}: no array 'images' (found: {', '.join(sorted(arrays)) or 'nothing'})"
        )
    images = arrays["images"]
    if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise FacetError(
            f"{path}: 'images' must be uint8 [frames, height, width], "
            f"not {images.dtype} {list(images.shape)}"
        )
    for key in ("usage", "ferplus", "fer", "label", "dup_group", "subject"):
        if key in arrays and (arrays[key].ndim == 0 or len(arrays[key]) != len(images)):
            raise FacetError(
                f"{path}: '{key}' has shape {list(arrays[key].shape)} for {len(images)} images"
            )
    votes, vote_names = _votes(path, arrays)
    given = _given(path, arrays)
    if votes is None and given is None:
        raise FacetError(f"{path}: no labels: needs an array 'ferplus', 'fer' or 'label'")
    return NpzArchive(
        path,
        images,
        votes,
        vote_names,
        given,
        arrays.get("usage"),
        arrays.get("dup_group"),
        arrays.get("subject"),
    )


def _read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise FacetError(f"{path}: a single array, not an .npz archive")
            return {key: archive[key] for key in archive.files}
    except FileNotFoundError:
        raise FacetError(f"{path}: no such file") from None
    except (ValueError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise FacetError(f"{path}: not a readable .npz archive ({error})") from None


def _votes(
    path: Path, arrays: dict[str, npt.NDArray[Any]]
) -> tuple[npt.NDArray[Any] | None, tuple[str, ...]]:
    names = tuple(str(name) for name in arrays.get("ferplus_names", np.array(FERPLUS_NAMES)))
    votes = arrays.get("ferplus")
    if votes is not None and (votes.ndim != 2 or votes.shape[1] != len(names)):
        raise FacetError(
            f"{path}: 'ferplus' must be votes [frames, {len(names)}], not {list(votes.shape)}"
        )
    return votes, names


def _given(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> tuple[str, ...] | None:
    for key, known_names in (("fer", FER_NAMES), ("label", None)):
        if key in arrays:
            return _names_by_value(path, arrays, key, known_names)
    return None


def _names_by_value(
    path: Path, arrays: dict[str, npt.NDArray[Any]], key: str, known_names: Sequence[str] | None
) -> tuple[str, ...]:
    values = arrays[key]
    if f"{key}_names" in arrays:
        names = [str(name) for name in arrays[f"{key}_names"]]
    elif known_names is not None:
        names = list(known_names)
    else:
        raise FacetError(f"{path}: '{key}' needs '{key}_names' to say what its values mean")
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise FacetError(
            f"{path}: '{key}' must be whole numbers [frames], not {values.dtype} "
            f"{list(values.shape)}"
        )
    if len(values) and not 0 <= int(values.min()) <= int(values.max()) < len(names):
        raise FacetError(f"{path}: '{key}' has values outside 0..{len(names) - 1}")
    return tuple(names[value] for value in values.tolist())
