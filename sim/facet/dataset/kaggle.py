"""FER2013 as CSV (fer2013.csv, icml_face_data.csv), with FER+'s votes from fer2013new.csv."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facet.dataset.csv_table import Row, columns_of, read_rows, shortened
from facet.dataset.frame import GrayImage
from facet.dataset.labels import FER_NAMES, FERPLUS_NAMES, folded
from facet.dataset.npz import (
    SPLIT_KEYS,
    USAGE_BY_SPLIT,
    NpzArchive,
    check_agreement,
    check_levels,
    usage_of,
)
from facet.errors import FacetError

VOTES_CSV: Final = "fer2013new.csv"
SIDE: Final = 48
"""FER2013's images are 48 x 48."""

_PIXELS_CSVS: Final = ("fer2013.csv", "icml_face_data.csv")
"""Names under which FER2013 is distributed, the better known first."""

_LARGEST_LABEL: Final = len(FER_NAMES) - 1
_MOST_VOTES: Final = 10
"""FER+ asked ten people (github.com/microsoft/FERPlus)."""

_NOT_IN_A_NUMBER: Final = re.compile(r"[^0-9\s]")

_IMAGE_NAME: Final = re.compile(r"fer(\d{7})\.png")


def open_kaggle(path: Path) -> NpzArchive:
    """Reads FER2013, with FER+'s votes where fer2013new.csv lies in the same folder.

    The rows of the two files belong together one to one. Without the votes FER2013's own labels
    serve.

    Args:
        path: the file, or the folder with it.

    Raises:
        FacetError: unreadable, a column missing, a row that is not a 48 x 48 image, or votes whose
            rows are others or in another order.
    """
    if path.is_dir():
        found = pixels_csv_in(path)
        if found is None:
            raise FacetError(f"{path}: no {' or '.join(_PIXELS_CSVS)} in this folder")
        path = found
    images, fer, usage = [], [], []
    for row in read_rows(path, ("emotion", "pixels"), SPLIT_KEYS):
        images.append(_pixels(row))
        fer.append(row.number("emotion", _LARGEST_LABEL))
        number = _usage(row)
        if number is not None:
            usage.append(number)
    if not images:
        raise FacetError(f"{path}: no rows below the first line")
    given = tuple(FER_NAMES[value] for value in fer)
    votes_path = _in_folder(path.parent, VOTES_CSV)
    votes = None if votes_path is None else _votes(votes_path, path, len(images), usage, given)
    stacked = np.stack(images)
    check_levels(path, stacked)
    read = {folded(name) for name in ("emotion", "pixels", *SPLIT_KEYS)}
    return NpzArchive(
        path,
        stacked,
        votes,
        given=given,
        usage=np.array(usage) if usage else None,
        unread=tuple(sorted(columns_of(path) - read)),
    )


def pixels_csv_in(folder: Path, nested: bool = True) -> Path | None:
    """FER2013's file in a folder; None where there is none.

    Args:
        folder: where to look.
        nested: whether to look in the folders there as well.
    """
    places = [folder]
    if nested:
        places += sorted(inner for inner in folder.iterdir() if inner.is_dir())
    found = (_in_folder(place, name) for place in places for name in _PIXELS_CSVS)
    return next(filter(None, found), None)


def pixels_csv_beside(path: Path) -> Path:
    """The file with the pictures where `path` is the one with the votes, else `path`."""
    if folded(path.name) != VOTES_CSV:
        return path
    return pixels_csv_in(path.parent) or path.with_name(_PIXELS_CSVS[0])


def is_pixels_csv(path: Path) -> bool:
    """Whether a file is such a table, by its content."""
    return path.is_file() and {"emotion", "pixels"} <= columns_of(path)


def _in_folder(folder: Path, name: str) -> Path | None:
    """A file of that name, in any case."""
    try:
        names = sorted(path for path in folder.iterdir() if path.name.lower() == name)
    except OSError:
        return None
    return next((path for path in names if path.is_file()), None)


def _pixels(row: Row) -> GrayImage:
    words = row.values["pixels"].split()
    where = f"{row.where}, column 'pixels'"
    if len(words) != SIDE * SIDE:
        raise FacetError(
            f"{where}: not {SIDE} x {SIDE} pixels: {len(words)} numbers, not {SIDE * SIDE}"
        )
    try:
        if _NOT_IN_A_NUMBER.search(row.values["pixels"]) is None:  # int() takes 1_0 and +1
            return np.frombuffer(bytes(map(int, words)), np.uint8).reshape(SIDE, SIDE)
    except ValueError:
        pass
    number, word = next((i, word) for i, word in enumerate(words, 1) if not _is_level(word))
    raise FacetError(
        f"{where}: not {SIDE} x {SIDE} pixels of 0 to 255: number {number} is {shortened(word)}"
    )


def _is_level(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= 9 and int(word) <= 255


def _usage(row: Row) -> int | None:
    """The number of a row's split; None where no column names it."""
    found = [key for key in SPLIT_KEYS if key in row.values]
    if len(found) > 1:
        raise FacetError(
            f"{row.where}: the columns '{found[0]}' and '{found[1]}' both name splits: keep one"
        )
    return usage_of(row.where, found[0], row.values[found[0]]) if found else None


def _votes(
    path: Path, pixels_path: Path, count: int, usage: Sequence[int], given: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    rows = list(read_rows(path, FERPLUS_NAMES, ("usage", "Image name")))
    if len(rows) != count:
        raise FacetError(f"{path}: {len(rows)} rows do not match the {count} of {pixels_path.name}")
    _check_order(rows, usage, pixels_path)
    votes = [[row.number(name, _MOST_VOTES) for name in FERPLUS_NAMES] for row in rows]
    array = np.array(votes, np.int8).reshape(-1, len(FERPLUS_NAMES))
    check_agreement(f"{path} and {pixels_path.name}", array, FERPLUS_NAMES, given)
    return array


def _check_order(rows: Sequence[Row], usage: Sequence[int], pixels_path: Path) -> None:
    """Refuses votes in another order than the pictures.

    FER+ numbers the images in the order of the rows and leaves those without a face out, so that
    the numbers only increase.
    """
    last = -1
    for number, row in enumerate(rows):
        if usage and "usage" in row.values and _usage(row) != usage[number]:
            theirs = next(name for name, value in USAGE_BY_SPLIT.items() if value == usage[number])
            raise FacetError(
                f"{row.where}: Usage is {row.values['usage']}, but row {number + 1} of "
                f"{pixels_path.name} is of {theirs}: the rows are in another order; take both "
                "files as they were published"
            )
        name = row.values.get("Image name", "")
        if not name:
            continue
        match = _IMAGE_NAME.fullmatch(name)
        if match is None or int(match[1]) <= last:
            raise FacetError(
                f"{row.where}, column 'Image name': {shortened(name)} after number {last}: the "
                "rows are in another order than in FER+; take the file as it was published"
            )
        last = int(match[1])
