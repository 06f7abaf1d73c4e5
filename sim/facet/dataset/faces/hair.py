"""Hair: the part behind the head and the part on it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from facet.dataset.faces.canvas import Canvas
from facet.dataset.faces.curves import Pair, ellipse, ribbon, through
from facet.dataset.faces.person import Person, dimmed
from facet.dataset.faces.pose import Pose


def draw_hair_behind(canvas: Canvas, pose: Pose, person: Person) -> None:
    """Long hair on the shoulders, a bun, curls around; nothing for short hair."""
    dark = dimmed(person.hair, 0.72)
    w = person.face_width
    if person.hair_style in ("long", "fringe"):
        low = 1.45 if person.hair_style == "long" else 0.75
        outline = through(
            [
                (0.0, -1.22),
                (0.62 * w, -1.02),
                (0.90 * w, -0.4),
                (0.92 * w, 0.4),
                (0.86 * w, low),
                (0.0, low + 0.1),
                (-0.86 * w, low),
                (-0.92 * w, 0.4),
                (-0.90 * w, -0.4),
                (-0.62 * w, -1.02),
            ],
            8,
            closed=True,
        )
        canvas.fill(pose.in_plane(outline), dark, 1.0, pose.px(0.015))
    elif person.hair_style == "curly":
        for i in range(17):
            t = -1.0 + i / 8
            x, y = 0.80 * w * t * (1.35 - 0.35 * t * t), -0.98 + 1.05 * t * t
            canvas.fill(
                pose.in_plane(ellipse(x, y, 0.24, 0.24)), dimmed(dark, 1.0 + 0.08 * (i % 3))
            )
    elif person.hair_style == "bun":
        canvas.fill(pose.in_plane(ellipse(0.0, -1.22, 0.30, 0.26)), dark)


def draw_hair(canvas: Canvas, pose: Pose, person: Person, rng: np.random.Generator) -> None:
    """The hair on the head, its hairline by style, with strands."""
    if person.hair_style == "bald":
        shine = ellipse(-0.12, -0.80, 0.26, 0.10)
        canvas.fill(pose.in_plane(shine), dimmed(person.skin, 1.2), 0.5, pose.px(0.06))
        return
    w = person.face_width
    shift = pose.yaw_deg / 60  # the hairline turns with the face
    hairline = [(x + shift * 0.4 * max(1.0 - abs(x), 0.0), y) for x, y in _hairline(person)]
    volume = 0.03 if person.hair_style in ("receding", "bun") else 0.10
    top: list[Pair] = [
        (-0.77 * w, -0.16),
        (-0.76 * w - volume / 2, -0.55),
        (-0.56 * w - volume / 2, -0.93 - volume / 2),
        (0.0, -1.07 - volume),
        (0.56 * w + volume / 2, -0.93 - volume / 2),
        (0.76 * w + volume / 2, -0.55),
        (0.77 * w, -0.16),
    ]
    outline = np.concatenate([through(top, 8), through(hairline, 8)])
    shape = pose.in_plane(outline)
    canvas.fill(shape, person.hair, 1.0, pose.px(0.012))
    inside = canvas.mask(shape, pose.px(0.012))
    crown = ellipse(0.0, -0.98, 0.42, 0.10)
    canvas.fill(pose.in_plane(crown), dimmed(person.hair, 1.5), 0.4, pose.px(0.08), inside)
    for _ in range(26):
        _strand(canvas, pose, person, inside, rng)


def _strand(
    canvas: Canvas,
    pose: Pose,
    person: Person,
    inside: npt.NDArray[np.uint8],
    rng: np.random.Generator,
) -> None:
    x = 1.5 * float(rng.random()) - 0.75
    lean = 0.25 * (float(rng.random()) - 0.5)
    line = through([(0.55 * x, -1.15), (x + lean / 2, -0.85), (1.15 * x + lean, -0.2)], 8)
    tone = dimmed(person.hair, 0.7 + 0.7 * float(rng.random()))
    outline = ribbon(pose.in_plane(line), [0.01 * pose.unit_px, 0.022 * pose.unit_px, 0.0])
    canvas.fill(outline, tone, 0.5, 1, inside)


_SIDES: Final = {
    "short": -0.12,
    "parted": 0.0,
    "fringe": 0.55,
    "long": 0.75,
    "curly": 0.05,
    "bun": -0.2,
}
"""The lower end of the hair at the sides of the face, by style."""

_FOREHEADS: Final[dict[str, tuple[Pair, ...]]] = {
    "short": ((0.50, -0.70), (0.2, -0.78), (-0.2, -0.78), (-0.50, -0.70)),
    "parted": ((0.52, -0.62), (0.1, -0.72), (-0.22, -0.90), (-0.54, -0.62)),
    "fringe": ((0.52, -0.52), (0.2, -0.46), (-0.2, -0.48), (-0.52, -0.52)),
    "long": ((0.55, -0.50), (0.28, -0.76), (0.0, -0.93), (-0.28, -0.76), (-0.55, -0.50)),
    "curly": ((0.50, -0.60), (0.25, -0.68), (0.0, -0.62), (-0.25, -0.68), (-0.50, -0.60)),
    "bun": ((0.50, -0.72), (0.2, -0.84), (-0.2, -0.84), (-0.50, -0.72)),
    "receding": ((0.50, -0.90), (0.22, -0.84), (0.0, -0.78), (-0.22, -0.84), (-0.50, -0.90)),
}
"""The hairline over the forehead from right to left, by style."""


def _hairline(person: Person) -> list[Pair]:
    """The hairline from the right temple over the forehead to the left."""
    w = person.face_width
    low = _SIDES.get(person.hair_style, -0.1)
    right: list[Pair] = [
        (0.80 * w, low),
        (0.66 * w, low - 0.06),
        (0.655 * w, min(low, -0.25) - 0.15),
    ]
    left: list[Pair] = [(-x, y) for x, y in reversed(right)]
    middle = _FOREHEADS[person.hair_style]
    ends = ((middle[0][0] * w, middle[0][1]), (middle[-1][0] * w, middle[-1][1]))
    return [*right, ends[0], *middle[1:-1], ends[1], *left]
