"""Resizes images exactly."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage


def resize_area(image: GrayImage, height: int, width: int) -> GrayImage:
    """Resizes: each new pixel is the mean of the area that it covers, rounded half up.

    The result is exact and the same on every machine: every sum is an integer of at most
    255 * rows * columns, far below 2**53, which float64 represents exactly in any order of
    addition. A float64 matrix product is faster than one of integers. Enlarging by a whole factor
    repeats each pixel.

    Args:
        image: uint8 [any height, any width].
        height, width: size of the result, in pixels.
    """
    rows, columns = image.shape
    summed = _overlaps(rows, height) @ image.astype(np.float64) @ _overlaps(columns, width).T
    area = rows * columns  # each row of the overlaps sums to `rows` or `columns`
    return np.asarray((2 * summed.astype(np.int64) + area) // (2 * area), np.uint8)


def middle_square(image: GrayImage) -> GrayImage:
    """The largest square in the middle of a picture, which the camera's window shows of it."""
    height, width = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


@lru_cache(maxsize=8)
def _overlaps(old: int, new: int) -> npt.NDArray[np.float64]:
    """Lengths shared by new and old pixels, [new, old], on a line of ``old * new`` units.

    An old pixel is ``new`` units long and a new one ``old`` units.
    """
    old_start = np.arange(old, dtype=np.int64) * new
    new_start = np.arange(new, dtype=np.int64)[:, None] * old
    shared = np.minimum(old_start + new, new_start + old) - np.maximum(old_start, new_start)
    return np.asarray(np.maximum(shared, 0), np.float64)
