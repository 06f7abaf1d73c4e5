"""Scenes and times for the tests of the camera."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from facet.device.camera_view import StillView
from facet.time import Time

WINDOW = (slice(4, 292), slice(56, 344))  # the 288x288 that the register list cuts out
FRAME = Time(16_660_000_000)  # 1190 clocks x 336 lines / 24 MHz


def faces(blocks: int = 48) -> npt.NDArray[np.uint8]:
    """Random pixels, [blocks, blocks]."""
    return np.random.default_rng(7).integers(0, 256, (blocks, blocks), dtype=np.uint8)


def in_window(picture: npt.NDArray[np.uint8]) -> StillView:
    """A view whose window shows `picture` (288x288) on gray."""
    field = np.full((296, 400), 90, np.uint8)
    field[WINDOW] = picture
    return StillView(field)
