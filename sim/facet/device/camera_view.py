"""The views before a camera's lens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from facet.time import Time

Luma: TypeAlias = npt.NDArray[np.uint8]
"""Brightness, ``uint8 [height, width]``, 0 black to 255 white."""


class CameraView(Protocol):
    """A scene as an ideal sensor shows it at the right exposure, and the light on it.

    The two are separate so that automatic exposure follows the light on the scene and keeps the
    brightness of a picture.
    """

    def luma(self, at: Time) -> Luma:
        """The whole field of view at a time; any size, its first row at the top."""

    @property
    def illumination(self) -> float:
        """The light on the scene; 1.0 is the reference for which exposure is neutral."""


@dataclass(eq=False)
class StillView:
    """A picture that does not move.

    Args:
        image: luma, uint8 [height, width].
        illumination: light on it, 1.0 = reference.
    """

    image: Luma
    illumination: float = 1.0

    def luma(self, at: Time) -> Luma:
        """The picture, which is the same at all times."""
        return self.image
