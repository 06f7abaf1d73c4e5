"""Paints soft-edged shapes into a colour picture with integer arithmetic."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from facet.dataset.faces.curves import Points

Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0..255."""

ColourImage: TypeAlias = npt.NDArray[np.uint8]
"""uint8 [height, width, 3], red, green, blue."""

_SUBPIXEL_BITS: Final = 4
"""Outlines are rounded to 1/16 pixel, so that rounding differences between machines vanish."""

_EDGE_px: Final = 1


class Canvas:
    """A square picture.

    Args:
        side: height and width in pixels.
        colour: the fill.
    """

    def __init__(self, side: int, colour: Colour) -> None:
        self.side = side
        self.pixels: ColourImage = np.empty((side, side, 3), np.uint8)
        self.pixels[:] = colour

    def mask(self, outline: Points, blur_px: int = _EDGE_px) -> npt.NDArray[np.uint8]:
        """Coverage of an outline's inside, uint8 [side, side], 0..255, with a softened edge."""
        mask = np.zeros((self.side, self.side), np.uint8)
        top, bottom, left, right = self._reach(outline, blur_px)
        if top < bottom and left < right:
            mask[top:bottom, left:right] = self._covered(outline, top, bottom, left, right, blur_px)
        return mask

    def fill(
        self,
        outline: Points,
        colour: Colour,
        opacity: float = 1.0,
        blur_px: int = _EDGE_px,
        within: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """Paints the inside of an outline.

        Args:
            outline: corners in pixels; may reach beyond the picture.
            colour: of the paint.
            opacity: 0 nothing to 1 opaque.
            blur_px: how far the edge is softened to either side.
            within: coverage from ``mask``: paint only there.
        """
        top, bottom, left, right = self._reach(outline, blur_px)
        if top >= bottom or left >= right:
            return
        covered = self._covered(outline, top, bottom, left, right, blur_px).astype(np.int32)
        if within is not None:
            covered = covered * within[top:bottom, left:right] // 255
        self._mix((slice(top, bottom), slice(left, right)), covered, colour, opacity)

    def light(self, factor_256: npt.NDArray[np.int32], within: npt.NDArray[np.uint8]) -> None:
        """Multiplies by ``factor_256 / 256`` [side, side] where ``within`` covers."""
        factor = 256 + (factor_256 - 256) * within.astype(np.int32) // 255
        lit = self.pixels.astype(np.int32) * factor[..., None] >> 8
        self.pixels = np.clip(lit, 0, 255).astype(np.uint8)

    def _mix(
        self,
        where: tuple[slice, slice],
        covered: npt.NDArray[np.int32],
        colour: Colour,
        opacity: float,
    ) -> None:
        weight = (covered * round(opacity * 256) >> 8)[..., None]
        below = self.pixels[where].astype(np.int32)
        mixed = below + ((np.array(colour, np.int32) - below) * weight + 127) // 255
        self.pixels[where] = np.clip(mixed, 0, 255).astype(np.uint8)

    def _reach(self, outline: Points, blur_px: int) -> tuple[int, int, int, int]:
        """The rows and columns inside of the picture that the softened shape touches."""
        margin = 2 * blur_px + 2
        left, top = np.floor(outline.min(axis=0)).astype(int) - margin
        right, bottom = np.ceil(outline.max(axis=0)).astype(int) + margin
        return max(top, 0), min(bottom, self.side), max(left, 0), min(right, self.side)

    @staticmethod
    def _covered(
        outline: Points, top: int, bottom: int, left: int, right: int, blur_px: int
    ) -> npt.NDArray[np.uint8]:
        # Drawn with a margin, so that a shape cut by the picture's edge is not softened there.
        margin = 2 * blur_px + 1
        mask = np.zeros((bottom - top + 2 * margin, right - left + 2 * margin), np.uint8)
        corners = (outline - np.array([left - margin, top - margin])) * (1 << _SUBPIXEL_BITS)
        cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_8, _SUBPIXEL_BITS)
        for _ in range(2 if blur_px else 0):
            mask = _box_blur(mask, blur_px)
        return mask[margin:-margin, margin:-margin]


def _box_blur(mask: npt.NDArray[np.uint8], radius: int) -> npt.NDArray[np.uint8]:
    """Mean over squares of 2 * radius + 1 pixels, rounded down; pixels outside count as 0."""
    width = 2 * radius + 1
    sums = np.pad(mask.astype(np.int32), ((radius + 1, radius), (radius + 1, radius)))
    sums = sums.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    total = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width]
    return ((total + sums[:-width, :-width]) // (width * width)).astype(np.uint8)
