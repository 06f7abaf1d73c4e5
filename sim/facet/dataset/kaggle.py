"""FER2013 as Kaggle's fer2013.csv, with FER+'s votes from fer2013new.csv beside it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facet.dataset.labels import FER_NAMES, FERPLUS_NAMES
from facet.dataset.npz import NpzArchive
from facet.errors import FacetError

PIXELS_CSV: Final = "fer2013.csv"
VOTES_CSV: Final = "fer2013new.csv"
SIDE: Final = 48
"""FER2013's images are 48 x 48."""

_USAGE: Final = {"Training": 0, "PublicTest": 1, "PrivateTest": 2}


def open_kaggle(path: Path) -> NpzArchive:
    """Read fer2013.csv, and fer2013new.csv where it lies in the same folder.

    The two files' rows belong together one to one. Without the votes FER2013's own labels serve.

    Args:
        path: fer2013.csv, or the folder with it.

    Raises:
        FacetError: unreadable, a column missing, a row that is no 48 x 48 image.
    """
    if path.is_dir():
        path = path / PIXELS_CSV
    images, fer, usage = [], [], []
    for number, row in _rows(path, ("emotion", "pixels", "Usage")):
        images.append(_pixels(path, number, row["pixels"]))
        if row["Usage"] not in _USAGE:
            raise FacetError(f"{path}, line {number}: Usage '{row['Usage']}' is unknown")
        usage.append(_USAGE[row["Usage"]])
        fer.append(_whole_number(path, number, row["emotion"], len(FER_NAMES) - 1))
    if not images:
        raise FacetError(f"{path}: no rows below the header")
    votes_path = path.with_name(VOTES_CSV)
    votes = _votes(votes_path) if votes_path.exists() else None
    if votes is not None and len(votes) != len(images):
        raise FacetError(
            f"{votes_path}: {len(votes)} rows do not match the {len(images)} of {path.name}"
        )
    given = tuple(FER_NAMES[value] for value in fer)
    return NpzArchive(path, np.stack(images), votes, given=given, usage=np.array(usage))


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line number; checks that the columns are there."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise FacetError(f"{path}: no column '{missing[0]}' in the first line")
            for row in reader:
                if None in row.values():
                    raise FacetError(f"{path}, line {reader.line_num}: too few columns")
                yield reader.line_num, row
    except FileNotFoundError:
        raise FacetError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FacetError(f"{path}: cannot be read as CSV ({error})") from None


def _pixels(path: Path, number: int, text: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        values = np.array([-1])
    if values.size != SIDE * SIDE or values.min() < 0 or values.max() > 255:
        raise FacetError(f"{path}, line {number}: not {SIDE} x {SIDE} pixels of 0 to 255")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


def _whole_number(path: Path, number: int, text: str, largest: int) -> int:
    if not text.strip().isdigit() or int(text) > largest:
        raise FacetError(f"{path}, line {number}: '{text}' is not a number of 0 to {largest}")
    return int(text)


def _votes(path: Path) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    rows = [
        [_whole_number(path, number, row[name], 10) for name in FERPLUS_NAMES]
        for number, row in _rows(path, FERPLUS_NAMES)
    ]
    return np.array(rows, np.int8).reshape(-1, len(FERPLUS_NAMES))
