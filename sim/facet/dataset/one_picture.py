"""A single image file as a data set."""

from __future__ import annotations

import re
from pathlib import Path

from facet.dataset.dataset import Selection
from facet.dataset.frame import Frame
from facet.dataset.images import read_image
from facet.dataset.labels import LabelSet
from facet.dataset.negation import is_negated
from facet.errors import FacetError


class OnePicture:
    """One picture, labelled where its name has a class's name among its words.

    Args:
        path: the file.
        labels: the classes.
    """

    splits: tuple[str, ...] = ()
    restricted = False

    def __init__(self, path: Path, labels: LabelSet) -> None:
        self._path = path
        self.name = str(path)
        words = [] if is_negated(path.stem) else re.split(r"[^A-Za-z]+", path.stem)
        classes = {label for word in words if (label := labels.class_of(word)) is not None}
        self._label = classes.pop() if len(classes) == 1 else None

    def select(
        self, split: str | None = None, limit: int | None = None, *, unlabelled: bool = True
    ) -> Selection:
        """The picture.

        Raises:
            FacetError: it cannot be read, a split is asked for, or a label is wanted and it has
                none.
        """
        if split is not None:
            raise FacetError(
                f"{self._path}: no split '{split}': one picture has none; leave --split out"
            )
        if self._label is None and not unlabelled:
            raise FacetError(
                f"{self._path}: nothing labelled: put it into a folder named after what it shows; "
                "`facet sim` shows pictures without a label"
            )
        image = read_image(self._path)
        return Selection([Frame(image, self._label, self._path.name, str(self._path.parent), True)])

    def count(self, split: str) -> int:
        """0: one picture has no splits."""
        return 0

    def person(self, frame: Frame) -> str | None:
        """None: a file does not name the person on it."""
        return None
