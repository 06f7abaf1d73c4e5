"""Paints a background out of focus, and glasses."""

from __future__ import annotations

import numpy as np

from facet.dataset.faces.canvas import Canvas, Colour
from facet.dataset.faces.curves import ellipse, points, ribbon, through
from facet.dataset.faces.person import blend
from facet.dataset.faces.pose import Pose


def draw_background(canvas: Canvas, rng: np.random.Generator) -> None:
    """A wall in one colour, with a few large blurred shapes."""
    side = canvas.side
    base = _colour(rng)
    canvas.pixels[:] = base
    for _ in range(int(rng.integers(0, 5))):
        tone = blend(base, _colour(rng), 0.5)
        x, y, width, height = (float(v) * side for v in rng.random(4))
        shape = points((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        canvas.fill(shape, tone, 0.7, side // 40)


def draw_glasses(canvas: Canvas, pose: Pose) -> None:
    """A frame around both eyes, its bridge and temples, a faint reflection."""
    frame: Colour = (36, 32, 34)
    thick = 0.022 * pose.unit_px
    for side in (1, -1):
        rim = pose.on_face(ellipse(side * 0.325, -0.02, 0.225, 0.175), 0.06)
        closed = np.concatenate([rim, rim[:2]])
        canvas.fill(rim, (225, 232, 240), 0.08)
        canvas.fill(ribbon(closed, [thick, thick]), frame, 0.95)
        temple = through([(side * 0.55, -0.06), (side * 0.66, -0.08)], 4)
        canvas.fill(ribbon(pose.on_face(temple, 0.04), [thick, thick]), frame, 0.95)
    bridge = through([(-0.105, -0.03), (0.0, -0.065), (0.105, -0.03)], 6)
    canvas.fill(ribbon(pose.on_face(bridge, 0.12), [thick, thick]), frame, 0.95)


def _colour(rng: np.random.Generator) -> Colour:
    red, green, blue = (int(v) for v in rng.integers(30, 226, 3))
    gray = (red + green + blue) // 3
    return blend((red, green, blue), (gray, gray, gray), 0.5)
