"""Position and direction of the head: maps face space to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from facet.dataset.faces.curves import Points

_SKULL_HALF_WIDTH = 0.86
_SKULL_HALF_HEIGHT = 1.30
_SKULL_DEPTH = 0.80


@dataclass(frozen=True)
class Pose:
    """A head in the picture.

    Face space has its origin between ears, crown and chin, x to the viewer's right, y down, the
    crown at y = -1.05 and the chin at y = 1.

    Args:
        yaw_deg: positive looks to the viewer's right.
        pitch_deg: positive looks down.
        roll_deg: positive leans clockwise.
        x_px, y_px: where the origin is.
        unit_px: pixels for one unit.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    x_px: float
    y_px: float
    unit_px: float

    def on_face(self, line: Points, out: float = 0.0) -> Points:
        """Pixels of points on the face's curved front, raised by ``out`` units above it."""
        x, y = line[:, 0], line[:, 1]
        across, down = x / _SKULL_HALF_WIDTH, y / _SKULL_HALF_HEIGHT
        rest = np.maximum(1.0 - across * across - down * down, 0.0)
        z = _SKULL_DEPTH * np.sqrt(rest) + out
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        turned_x = x * math.cos(yaw) + z * math.sin(yaw)
        turned_z = z * math.cos(yaw) - x * math.sin(yaw)
        turned_y = y * math.cos(pitch) + (turned_z - _SKULL_DEPTH) * math.sin(pitch)
        # The skull turns about an axis through the neck, behind its middle: half the way back.
        return self.in_plane(
            np.stack([turned_x - 0.45 * _SKULL_DEPTH * math.sin(yaw), turned_y], axis=1)
        )

    def in_plane(self, line: Points) -> Points:
        """Pixels of points in the picture's plane: outlines, which yaw leaves as they are."""
        roll = math.radians(self.roll_deg)
        x, y = line[:, 0], line[:, 1]
        return np.stack(
            [
                self.x_px + self.unit_px * (x * math.cos(roll) - y * math.sin(roll)),
                self.y_px + self.unit_px * (x * math.sin(roll) + y * math.cos(roll)),
            ],
            axis=1,
        )

    def px(self, units: float) -> int:
        """A length in whole pixels, at least 1."""
        return max(round(units * self.unit_px), 1)


def random_pose(side_px: int, rng: np.random.Generator) -> Pose:
    """A head that fills most of a square picture, turned and leaning a little."""

    def within(limit: float) -> float:
        return limit * (2.0 * float(rng.random()) - 1.0)

    return Pose(
        yaw_deg=within(18.0),
        pitch_deg=within(5.0),
        roll_deg=within(9.0),
        x_px=side_px * (0.5 + within(0.03)),
        y_px=side_px * (0.50 + within(0.03)),
        unit_px=side_px * (0.455 + within(0.03)),
    )
