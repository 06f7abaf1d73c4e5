"""The view of the camera's sensor: a face with background, light, blur and noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.resample import middle_square, resize_area
from facet.errors import FacetError

VIEW_WIDTH_px: Final = 400
VIEW_HEIGHT_px: Final = 296
"""The OV2640's whole view in CIF mode (OV2640 datasheet, table of formats: CIF 400 x 296)."""

WINDOW_px: Final = 288
"""Side of the square that the firmware's camera settings cut out of the middle of the view: six
times the network's 48 pixels, scaled by 3 in the camera's DSP and by 2 in the firmware."""

WINDOW_LEFT_px: Final = (VIEW_WIDTH_px - WINDOW_px) // 2
WINDOW_TOP_px: Final = (VIEW_HEIGHT_px - WINDOW_px) // 2

_MIDDLE_GRAY: Final = 128
_NOISE_TERMS: Final = 12
"""Number of uniform random numbers whose sum approximates a normal distribution."""

_NOISE_STEPS: Final = 256
"""Values of each uniform number; the sum's standard deviation is 256 * sqrt(12 / 12) = 256."""


@dataclass(frozen=True)
class Scene:
    """A face before the camera. The neutral scene, ``Scene()``, fills the camera's window exactly.

    All arithmetic is in integers, so that a scene gives the same bytes on every machine.

    Args:
        x_px, y_px: distance of the face from the middle, right and down, in sensor pixels.
        size_px: height and width of the face's square in sensor pixels.
        light_percent: brightness; 100 is unchanged, 50 is half as bright.
        contrast_percent: contrast about the middle gray 128; 100 is unchanged, 0 is all gray.
        background: gray around the face, 0..255.
        clutter: number of rectangles of other grays in the background.
        blur_px: radius of the blur, in sensor pixels; 0 is sharp.
        noise: standard deviation of the sensor's noise, in gray levels.
        seed: random seed of clutter and noise.
    """

    x_px: int = 0
    y_px: int = 0
    size_px: int = WINDOW_px
    light_percent: int = 100
    contrast_percent: int = 100
    background: int = 112
    clutter: int = 0
    blur_px: int = 0
    noise: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, smallest, largest in (
            ("size_px", 8, 1024),
            ("light_percent", 0, 1000),
            ("contrast_percent", 0, 1000),
            ("background", 0, 255),
            ("clutter", 0, 1000),
            ("blur_px", 0, 64),
            ("noise", 0, 128),
        ):
            value = getattr(self, name)
            if not smallest <= value <= largest:
                raise FacetError(f"scene: {name} is {value}, it must be {smallest} to {largest}")

    def render(self, face: GrayImage) -> GrayImage:
        """The sensor's view, uint8 [296, 400].

        Args:
            face: luma, uint8 [height, width] of any size; its middle square is shown. 48 x 48
                is enlarged by repeating each pixel 6 x 6 in the neutral scene. Camera and firmware
                average, so that they give back exactly the same 48 x 48.

        Raises:
            FacetError: not a two-dimensional uint8 image.
        """
        if face.ndim != 2 or face.dtype != np.uint8 or 0 in face.shape:
            raise FacetError(
                f"a face must be uint8 [height, width], not {face.dtype} {list(face.shape)}"
            )
        rng = np.random.Generator(np.random.PCG64(self.seed))
        view = self._background(rng)
        self._place(view, resize_area(middle_square(face), self.size_px, self.size_px))
        view = self._lit(view)
        for _ in range(2 if self.blur_px else 0):
            view = _box_blur(view, self.blur_px)
        if self.noise:
            view = view + self._noise(rng)
        return np.clip(view, 0, 255).astype(np.uint8)

    def _background(self, rng: np.random.Generator) -> npt.NDArray[np.int32]:
        view = np.full((VIEW_HEIGHT_px, VIEW_WIDTH_px), self.background, np.int32)
        for _ in range(self.clutter):
            top, left = rng.integers(0, VIEW_HEIGHT_px), rng.integers(0, VIEW_WIDTH_px)
            height, width = rng.integers(10, 120, 2)
            view[top : top + height, left : left + width] = rng.integers(0, 256)
        return view

    def _place(self, view: npt.NDArray[np.int32], square: GrayImage) -> None:
        """Puts the face's square into the view and cuts off what is outside of the view."""
        top = (VIEW_HEIGHT_px - self.size_px) // 2 + self.y_px
        left = (VIEW_WIDTH_px - self.size_px) // 2 + self.x_px
        first_row, first_column = max(-top, 0), max(-left, 0)
        shown = square[
            first_row : max(VIEW_HEIGHT_px - top, 0), first_column : max(VIEW_WIDTH_px - left, 0)
        ]
        top, left = max(top, 0), max(left, 0)
        view[top : top + shown.shape[0], left : left + shown.shape[1]] = shown

    def _lit(self, view: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Applies contrast and light with one rounding: (128 + (v - 128) c) l."""
        percent_2 = 100 * 100
        contrasted = _MIDDLE_GRAY * 100 + (view - _MIDDLE_GRAY) * self.contrast_percent
        lit = (contrasted * self.light_percent + percent_2 // 2) // percent_2
        return np.clip(lit, 0, 255)

    def _noise(self, rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """Nearly normal noise of standard deviation ``noise``: sums of twelve uniform numbers."""
        uniform = rng.integers(
            0, _NOISE_STEPS, (_NOISE_TERMS, VIEW_HEIGHT_px, VIEW_WIDTH_px), np.int32
        )
        middle = _NOISE_TERMS * (_NOISE_STEPS - 1) // 2
        summed: npt.NDArray[np.int32] = uniform.sum(axis=0, dtype=np.int32) - middle
        return (summed * self.noise + _NOISE_STEPS // 2) // _NOISE_STEPS


def _box_blur(view: npt.NDArray[np.int32], radius: int) -> npt.NDArray[np.int32]:
    """Mean over squares of 2 * radius + 1 pixels, rounded; the edge is repeated outside."""
    width = 2 * radius + 1
    sums = np.pad(np.pad(view, radius, mode="edge"), ((1, 0), (1, 0)))
    sums = sums.cumsum(axis=0, dtype=np.int64).cumsum(axis=1, dtype=np.int64)
    total = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width]
    area = width * width
    return ((2 * (total + sums[:-width, :-width]) + area) // (2 * area)).astype(np.int32)
