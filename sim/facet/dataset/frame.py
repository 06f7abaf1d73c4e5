"""A frame: one picture of a face and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

GrayImage: TypeAlias = npt.NDArray[np.uint8]
"""Luma, ``uint8 [height, width]``, 0 black to 255 white."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a face, with its label where there is one.

    Args:
        image: luma, uint8 [height, width].
        label: a class of the label set that it was loaded for, or None for a picture without a
            label.
        name: unique within its source, stable between runs ("row 28712", "happy/anna.png").
        source: its origin: a file, a folder or "drawn".
        may_show: whether a report may show the picture. Those of FER2013 and CK+ must stay in
            their data sets: FER2013's have no licence to pass on, CK+ is for research.
    """

    image: GrayImage
    label: str | None
    name: str
    source: str
    may_show: bool = False
