"""Decides which pictures are new: a camera gives thirty a second, most of them alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import Enum
from typing import Final

import numpy as np

from facet.dataset.frame import GrayImage

LEAST_CHANGE: Final = 2.0
"""Default mean difference from the last picture kept, in gray levels.

Noise alone makes about 1: standard deviation 5 in each pixel (supposed, for a webcam), 1 once
5 x 5 pixels are averaged (480 to 96); the mean absolute difference of two such pictures is
2 / sqrt(pi) of that, 1.1.
"""


class Verdict(Enum):
    """Result of comparing a picture with those before it."""

    NEW = "new"
    ALIKE = "almost or exactly the last one kept"
    KNOWN = "there already, the same in each pixel"


class Novelty:
    """Compares each picture with the last one kept and, pixel by pixel, with all.

    A picture that the class already has counts as the last one kept, so that a recording given a
    second time goes through the same comparisons and adds nothing.

    Args:
        least_change: mean absolute difference, in gray levels, from which a picture is new.
        before: pictures that the class has, in the order in which they were kept.
    """

    def __init__(self, least_change: float, before: Iterable[GrayImage] = ()) -> None:
        self._least_change = least_change
        self._known: set[bytes] = set()
        self._last: GrayImage | None = None
        for image in before:
            self.keep(image)

    def verdict(self, image: GrayImage) -> Verdict:
        """Judges a picture of the size that is kept."""
        last = self._last
        if last is not None and last.shape != image.shape:
            last = None
        if _digest(image) in self._known:
            self._last = image
            again = last is not None and np.array_equal(image, last)
            return Verdict.ALIKE if again else Verdict.KNOWN
        if last is not None and np.abs(image.astype(np.int16) - last).mean() < self._least_change:
            return Verdict.ALIKE
        return Verdict.NEW

    def keep(self, image: GrayImage) -> None:
        """Records that the picture was kept."""
        self._known.add(_digest(image))
        self._last = image


def _digest(image: GrayImage) -> bytes:
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()
