"""FER2013/FER+ and CK+48 as NumPy archives."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.dataset.frame import GrayImage
from sim.dataset.labels import FER_NAMES, FERPLUS_NAMES, five_class_name, majority_labels
from sim.errors import FacetError

USAGE_BY_SPLIT: Final = {"training": 0, "public": 1, "private": 2}
"""``usage`` in the archive: FER2013's Training, PublicTest and PrivateTest."""


@dataclass(frozen=True)
class NpzArchive:
    """The arrays of one archive, checked against each other.

    Args:
        path: the file.
        images: uint8 [frames, height, width].
        labels: one of ``EMOTIONS`` for each frame; None where the rule gives no label.
        votes: FER+ votes [frames, votes], None in an archive without them.
        usage: 0, 1, 2 for each frame (``USAGE_BY_SPLIT``), None in an archive without splits.
        groups: equal for pixel-identical images, None where the archive does not say.
    """

    path: Path
    images: GrayImage
    labels: Sequence[str | None]
    votes: npt.NDArray[Any] | None
    usage: npt.NDArray[Any] | None
    groups: npt.NDArray[Any] | None

    def indices(self, split: str) -> list[int]:
        """Indices of a split's frames; an archive without ``usage`` is all one split."""
        if self.usage is None:
            return list(range(len(self.images)))
        return [int(i) for i in np.flatnonzero(self.usage == USAGE_BY_SPLIT[split])]


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
    for key in ("usage", "ferplus", "fer", "label", "dup_group"):
        if key in arrays and (arrays[key].ndim == 0 or len(arrays[key]) != len(images)):
            raise FacetError(
                f"{path}: '{key}' has shape {list(arrays[key].shape)} for {len(images)} images"
            )
    votes = arrays.get("ferplus")
    return NpzArchive(
        path, images, _labels(path, arrays), votes, arrays.get("usage"), arrays.get("dup_group")
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


def _labels(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> Sequence[str | None]:
    if "ferplus" in arrays:
        votes = arrays["ferplus"]
        names = [str(name) for name in arrays.get("ferplus_names", np.array(FERPLUS_NAMES))]
        if votes.ndim != 2 or votes.shape[1] != len(names):
            raise FacetError(
                f"{path}: 'ferplus' must be votes [frames, {len(names)}], not {list(votes.shape)}"
            )
        return majority_labels(votes, names)
    for key, known_names in (("fer", FER_NAMES), ("label", None)):
        if key in arrays:
            return _labels_by_value(path, arrays, key, known_names)
    raise FacetError(f"{path}: no labels: needs an array 'ferplus', 'fer' or 'label'")


def _labels_by_value(
    path: Path, arrays: dict[str, npt.NDArray[Any]], key: str, known_names: Sequence[str] | None
) -> Sequence[str | None]:
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
    five = [five_class_name(name) for name in names]
    return [five[value] for value in values.tolist()]
