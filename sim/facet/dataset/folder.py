"""A folder of image files, labelled by their folder's name or by their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from facet.dataset.frame import Frame, GrayImage
from facet.dataset.labels import FIVE, LabelSet, is_emotion, no_such_class
from facet.dataset.sample import evenly_spaced
from facet.errors import FacetError

IMAGE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".webp", ".tif"})

_FOLDERS_BY_SPLIT: Final = {
    "training": ("training", "train"),
    "public": ("public", "test", "validation", "val"),
    "private": ("private",),
}
"""A folder may hold one folder for each split, as Kaggle's FER2013 images do."""


def read_image(path: Path) -> GrayImage:
    """An image file as luma, uint8 [height, width].

    Raises:
        FacetError: the file is missing or is no image that OpenCV reads.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise FacetError(f"{path}: cannot be read ({error.strerror})") from None
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    if image is None:
        raise FacetError(f"{path}: not an image that can be read; remove it or replace it")
    return np.asarray(image, np.uint8)


def load_folder(
    folder: Path, split: str, limit: int | None, label_set: LabelSet = FIVE
) -> list[Frame]:
    """Frames of a folder: ``happy/anna.png`` or ``anna_happy.png``, searched to any depth.

    Images of an emotion that the set has no class for are left out; an image whose name says
    nothing has the label None.

    Raises:
        FacetError: no image there, none of the set's classes, or one that cannot be read (which,
            by name).
    """
    root = split_folder(folder, split)
    paths = sorted(p for p in root.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())
    if not paths:
        raise FacetError(f"{root}: no images in this folder (looked for PNG, JPEG, BMP, PGM, ...)")
    named = [(path, list(filter(is_emotion, _words(path.relative_to(root))))) for path in paths]
    kept = [
        (path, label_set.class_of(names[0]) if names else None)
        for path, names in named
        if all(label_set.class_of(name) is not None for name in names)
    ]
    if not kept:
        shown = sorted({name.lower() for _, names in named for name in names})
        raise no_such_class(root, label_set, shown)
    chosen = [kept[i] for i in evenly_spaced(len(kept), limit)]
    return [
        Frame(read_image(path), label, path.relative_to(root).as_posix(), str(folder))
        for path, label in chosen
    ]


def split_folder(folder: Path, split: str) -> Path:
    """The folder of a split inside of `folder`; `folder` itself where there is none."""
    for name in _FOLDERS_BY_SPLIT[split]:
        if (folder / name).is_dir():
            return folder / name
    return folder


def _words(relative: Path) -> list[str]:
    """The words in a path that may name an emotion, the file's own folder first."""
    return [*reversed(relative.parts[:-1]), *re.split(r"[^A-Za-z]+", relative.stem)]
