"""Exact change of an image's size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.dataset.frame import GrayImage


def resize_area(image: GrayImage, height: int, width: int) -> GrayImage:
    """Resize so that each new pixel is the mean of the area that it covers, rounded half up.

    In whole numbers throughout, so the same everywhere. Enlarging by a whole factor repeats each
    pixel exactly.

    Args:
        image: uint8 [any height, any width].
        height, width: of the result, in pixels.
    """
    rows, columns = image.shape
    summed = _overlaps(rows, height) @ image.astype(np.int64) @ _overlaps(columns, width).T
    area = rows * columns  # each row of the overlaps sums to `rows` or `columns`
    return np.asarray((2 * summed + area) // (2 * area), np.uint8)


def _overlaps(old: int, new: int) -> npt.NDArray[np.int64]:
    """[new, old]: the length shared by new and old pixels on a line of ``old * new`` units.

    An old pixel is ``new`` units long and a new one ``old`` units.
    """
    old_start = np.arange(old, dtype=np.int64) * new
    new_start = np.arange(new, dtype=np.int64)[:, None] * old
    shared = np.minimum(old_start + new, new_start + old) - np.maximum(old_start, new_start)
    return np.asarray(np.maximum(shared, 0), np.int64)
