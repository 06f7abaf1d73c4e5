"""The mouth: corners pulled up or down, lips pressed or parted, the jaw dropped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facet.dataset.faces.canvas import Canvas, Colour
from facet.dataset.faces.curves import Points, ellipse, ribbon, through
from facet.dataset.faces.expression import ActionUnits
from facet.dataset.faces.person import Person, blend, dimmed
from facet.dataset.faces.pose import Pose

_MOUTH_Y = 0.575
_REST_HALF_WIDTH = 0.245


@dataclass(frozen=True)
class MouthShape:
    """Lines of the mouth in face space, each from its left corner to its right.

    ``upper_outer`` and ``upper_inner`` bound the upper lip, ``lower_inner`` and ``lower_outer``
    the lower; between the inner ones is the opening.
    """

    upper_outer: Points
    upper_inner: Points
    lower_inner: Points
    lower_outer: Points
    corner_x: float
    corner_y: float
    opening: float
    """Height of the opening in the middle, face units."""


def jaw_drop(units: ActionUnits) -> float:
    """The distance that the chin sinks, in face units."""
    return 0.10 * units.jaw_drop


def mouth_shape(person: Person, units: ActionUnits) -> MouthShape:
    """The lips' lines for an expression."""
    smile, frown = units.lip_corner_puller, units.lip_corner_depressor
    drop, parted, tight = units.jaw_drop, units.lips_part, units.lip_tightener
    bared = units.upper_lip_raiser
    round_mouth = drop * (1.0 - min(smile, 1.0))
    half = _REST_HALF_WIDTH + 0.125 * smile - 0.075 * round_mouth - 0.02 * tight + 0.04 * bared
    corner_y = _MOUTH_Y - 0.014 - 0.10 * smile + 0.085 * frown + 0.05 * round_mouth
    raised = 0.03 * units.chin_raiser * (1.0 - parted) + 0.03 * frown
    upper_y = _MOUTH_Y + 0.022 * smile - raised - 0.02 * round_mouth - 0.045 * bared
    opening = 0.10 * parted * (0.35 + 0.65 * max(smile, bared, round_mouth))
    opening += 0.22 * drop * (1.0 - 0.35 * min(smile, 1.0))
    lower_y = upper_y + opening
    thin = max(1.0 - 0.55 * tight - 0.28 * smile - 0.35 * bared, 0.3) * person.lip_weight
    upper_lip, lower_lip = 0.062 * thin, 0.088 * thin * (1.0 + 0.25 * frown)
    square = 0.75 * bared  # bared teeth: the opening is a box, not a crescent

    def line(middle: float, shoulder: float, bow: float = 0.0) -> Points:
        flank = corner_y + (middle - corner_y) * (shoulder + (0.95 - shoulder) * square)
        return through(
            [
                (-half, corner_y),
                (-0.62 * half, flank),
                (-0.2 * half, middle - bow),
                (0.0, middle),
                (0.2 * half, middle - bow),
                (0.62 * half, flank),
                (half, corner_y),
            ],
            6,
        )

    return MouthShape(
        upper_outer=line(upper_y - upper_lip, 0.72 if opening > 0.02 else 0.66, 0.016 * thin),
        upper_inner=line(upper_y, 0.7),
        lower_inner=line(lower_y, 0.74),
        lower_outer=line(lower_y + lower_lip, 0.74),
        corner_x=half,
        corner_y=corner_y,
        opening=opening,
    )


def draw_mouth(canvas: Canvas, pose: Pose, person: Person, units: ActionUnits) -> None:
    """The lips, the mouth between them, and the folds and shades around."""
    shape = mouth_shape(person, units)
    _around(canvas, pose, person, units, shape)
    lip = blend(dimmed(person.skin, 0.74), (168, 62, 66), 0.42)
    out = 0.05
    upper = np.concatenate([shape.upper_outer, shape.upper_inner[::-1]])
    lower = np.concatenate([shape.lower_inner, shape.lower_outer[::-1]])
    if shape.opening > 0.02:
        _opening(canvas, pose, units, shape, out)
    canvas.fill(pose.on_face(lower, out), lip, 0.95)
    canvas.fill(pose.on_face(upper, out), dimmed(lip, 0.84), 0.95)
    light = ellipse(0.0, float(shape.lower_outer[18, 1]) - 0.035, 0.09, 0.014)
    canvas.fill(pose.on_face(light, out), dimmed(lip, 1.3), 0.5, pose.px(0.012))
    if shape.opening <= 0.02:
        seam = ribbon(
            pose.on_face(shape.upper_inner, out),
            [w * pose.unit_px for w in (0.02, 0.026, 0.022, 0.026, 0.02)],
        )
        canvas.fill(seam, dimmed(lip, 0.35), 0.95)


def _opening(canvas: Canvas, pose: Pose, units: ActionUnits, shape: MouthShape, out: float) -> None:
    """The dark inside, the tongue, and the teeth that the lips uncover."""
    outline = pose.on_face(np.concatenate([shape.upper_inner, shape.lower_inner[::-1]]), out)
    canvas.fill(outline, (44, 16, 18))
    inside = canvas.mask(outline)
    middle_upper, middle_lower = float(shape.upper_inner[18, 1]), float(shape.lower_inner[18, 1])
    if units.jaw_drop > 0.3:
        tongue = ellipse(0.0, middle_lower + 0.01, 0.6 * shape.corner_x, 0.32 * shape.opening)
        canvas.fill(pose.on_face(tongue, out), (150, 70, 74), 0.85, pose.px(0.012), inside)
    smile, bared = units.lip_corner_puller, units.upper_lip_raiser
    shown = 0.085 * max(smile, bared) + 0.012 * units.jaw_drop * (1.0 - min(smile, 1.0))
    teeth: Colour = (240, 236, 226)
    if shown > 0.01:
        row = np.concatenate([shape.upper_inner, shape.upper_inner[::-1] + np.array([0.0, shown])])
        canvas.fill(pose.on_face(row, out), teeth, 1.0, 1, inside)
        for i in range(-4, 5):
            x = i * 0.055
            gap = through([(x, middle_upper - 0.12), (x, middle_upper + shown)], 4)
            canvas.fill(
                ribbon(pose.on_face(gap, out), [0.007 * pose.unit_px] * 2),
                (150, 140, 132),
                0.5,
                1,
                inside,
            )
    if bared > 0.3:
        height = 0.4 * shape.opening
        row = np.concatenate([shape.lower_inner, shape.lower_inner[::-1] - np.array([0.0, height])])
        canvas.fill(pose.on_face(row, out), dimmed(teeth, 0.9), 1.0, 1, inside)


def _around(
    canvas: Canvas, pose: Pose, person: Person, units: ActionUnits, shape: MouthShape
) -> None:
    """Nasolabial folds, the corners' dimples, the shade under the lower lip."""
    shadow = dimmed(person.skin, 0.6)
    smile = units.lip_corner_puller
    fold = 0.22 + 0.55 * smile + 0.35 * units.upper_lip_raiser + 0.3 * person.wrinkles
    fold = min(fold + 0.15 * units.lip_corner_depressor, 0.85)
    if person.age_years < 18:
        fold *= 0.6
    for side in (1, -1):
        end_x, end_y = side * (shape.corner_x + 0.075), shape.corner_y + 0.01
        bulge = (side * (0.5 * (shape.corner_x + 0.25) + 0.05 * smile), 0.41 - 0.02 * smile)
        line = through([(side * 0.165, 0.30), bulge, (end_x, end_y)], 10)
        outline = ribbon(pose.on_face(line), [w * pose.unit_px for w in (0.008, 0.028, 0.012)])
        canvas.fill(outline, shadow, fold, pose.px(0.012))
        drop = 0.055 * units.lip_corner_depressor
        dimple = through(
            [
                (side * shape.corner_x, shape.corner_y - 0.01),
                (side * (shape.corner_x + 0.03), shape.corner_y + 0.025 + drop),
            ],
            4,
        )
        strength = 0.35 + 0.3 * max(smile, units.lip_corner_depressor)
        canvas.fill(
            ribbon(pose.on_face(dimple), [0.03 * pose.unit_px, 0.008 * pose.unit_px]),
            shadow,
            min(strength, 0.7),
            pose.px(0.01),
        )
    below = float(shape.lower_outer[18, 1]) + 0.045
    canvas.fill(
        pose.on_face(ellipse(0.0, below, 0.15, 0.025)),
        shadow,
        0.4 + 0.3 * units.chin_raiser,
        pose.px(0.025),
    )
    if units.chin_raiser > 0.25:  # the chin's dimpled ball
        canvas.fill(
            pose.on_face(ellipse(0.0, 0.86, 0.11, 0.06)),
            dimmed(person.skin, 1.1),
            0.35,
            pose.px(0.03),
        )
