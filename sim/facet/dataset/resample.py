"""Exact change of an image's size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage


def resize_area(image: GrayImage, height: int, width: int) -> GrayImage:
    """Resize so that each new pixel is the mean of the area that it covers, rounded half up.

    Exact, so the same everywhere: every sum is a whole number of at most 255 * rows * columns, far
    below 2**53, which float64 holds exactly in whatever order it is added; its matrix product is
    quicker than that of integers. Enlarging by a whole factor repeats each pixel exactly.

    Args:
        image: uint8 [any height, any width].
        height, width: of the result, in pixels.
    """
    rows, columns = image.shape
    summed = _overlaps(rows, height) @ image.astype(np.float64) @ _overlaps(columns, width).T
    area = rows * columns  # each row of the overlaps sums to `rows` or `columns`
    return np.asarray((2 * summed.astype(np.int64) + area) // (2 * area), np.uint8)


@lru_cache(maxsize=8)
def _overlaps(old: int, new: int) -> npt.NDArray[np.float64]:
    """[new, old]: the length shared by new and old pixels on a line of ``old * new`` units.

    An old pixel is ``new`` units long and a new one ``old`` units.
    """
    old_start = np.arange(old, dtype=np.int64) * new
    new_start = np.arange(new, dtype=np.int64)[:, None] * old
    shared = np.minimum(old_start + new, new_start + old) - np.maximum(old_start, new_start)
    return np.asarray(np.maximum(shared, 0), np.float64)
