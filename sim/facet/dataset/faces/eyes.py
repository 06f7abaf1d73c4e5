"""Eyes: lids opened, drooping or narrowed; iris, lashes and the pouch below."""

from __future__ import annotations

import numpy as np

from facet.dataset.faces.canvas import Canvas
from facet.dataset.faces.curves import Points, ellipse, mirrored, ribbon, through
from facet.dataset.faces.expression import ActionUnits
from facet.dataset.faces.person import Person, blend, dimmed
from facet.dataset.faces.pose import Pose

_EYE_X = 0.325
_EYE_Y = -0.03
_HALF_WIDTH = 0.16
_IRIS_RADIUS = 0.072


def lids(person: Person, units: ActionUnits) -> tuple[Points, Points]:
    """Upper and lower edge of the right eye's opening, from the nose outwards, in face space."""
    size = person.eye_size
    au6, au7 = units.cheek_raiser, units.lid_tightener
    up = 0.086 + 0.062 * units.upper_lid_raiser - 0.03 * au6 - 0.034 * au7
    up = max(up - 0.038 * units.lid_droop, 0.018) * size
    down = max(0.060 + 0.016 * units.upper_lid_raiser - 0.032 * au6 - 0.022 * au7, 0.012) * size
    # A lowered brow presses on the lid's inner half; sadness lets its outer half hang.
    pressed = 0.03 * units.brow_lowerer * (1.0 - min(units.inner_brow_raiser, 1.0))
    hanging = 0.024 * units.lid_droop
    half = _HALF_WIDTH * size
    inner = (_EYE_X - half, _EYE_Y + 0.012)
    outer = (_EYE_X + half, _EYE_Y - 0.008 + hanging)
    upper = through(
        [
            inner,
            (_EYE_X - 0.5 * half, _EYE_Y - 0.78 * up + pressed),
            (_EYE_X + 0.05 * half, _EYE_Y - up + pressed / 2),
            (_EYE_X + 0.62 * half, _EYE_Y - 0.72 * up + hanging),
            outer,
        ],
        8,
    )
    # A raised cheek pushes the lower lid up into an arch.
    arched = 0.03 * au6
    lower = through(
        [
            inner,
            (_EYE_X - 0.45 * half, _EYE_Y + 0.8 * down - arched / 2),
            (_EYE_X + 0.1 * half, _EYE_Y + down - arched),
            (_EYE_X + 0.65 * half, _EYE_Y + 0.7 * down - arched / 2),
            outer,
        ],
        8,
    )
    return upper, lower


def draw_eyes(
    canvas: Canvas, pose: Pose, person: Person, units: ActionUnits, gaze: tuple[float, float]
) -> None:
    """Both eyes.

    Args:
        gaze: where the pupils are, off the middle, right and down, in face units.
    """
    upper, lower = lids(person, units)
    for side in (1, -1):
        top, bottom = (upper, lower) if side == 1 else (mirrored(upper), mirrored(lower))
        _surroundings(canvas, pose, person, units, bottom, side)
        _eyeball(canvas, pose, person, top, bottom, side, gaze)
        _edges(canvas, pose, person, units, top, bottom, side)


def _eyeball(
    canvas: Canvas,
    pose: Pose,
    person: Person,
    top: Points,
    bottom: Points,
    side: int,
    gaze: tuple[float, float],
) -> None:
    opening = canvas.mask(pose.on_face(np.concatenate([top, bottom[::-1]])))
    outline = pose.on_face(np.concatenate([top, bottom[::-1]]))
    canvas.fill(outline, (238, 234, 230))
    radius = _IRIS_RADIUS * person.eye_size
    x, y = side * _EYE_X + gaze[0], _EYE_Y - 0.008 + gaze[1]

    def disc(size: float, dx: float = 0.0, dy: float = 0.0) -> Points:
        return pose.on_face(ellipse(x + dx * radius, y + dy * radius, size * radius, size * radius))

    canvas.fill(disc(1.0), dimmed(person.iris, 0.55), within=opening)
    canvas.fill(disc(0.86), person.iris, within=opening)
    canvas.fill(disc(0.48), (12, 10, 10), within=opening)
    canvas.fill(disc(0.2, 0.3, -0.35), (255, 255, 255), within=opening)
    # The upper lid's shadow on the ball.
    shade = ribbon(pose.on_face(top), [0.0, 0.05 * pose.unit_px, 0.0])
    canvas.fill(shade, (60, 50, 50), 0.5, pose.px(0.012), opening)


def _edges(
    canvas: Canvas,
    pose: Pose,
    person: Person,
    units: ActionUnits,
    top: Points,
    bottom: Points,
    side: int,
) -> None:
    """Lashes, the fold above the upper lid, the lower rim."""
    lash = pose.on_face(top)
    canvas.fill(ribbon(lash, [w * pose.unit_px for w in (0.008, 0.03, 0.026)]), (30, 22, 20), 0.92)
    rim = ribbon(pose.on_face(bottom), [w * pose.unit_px for w in (0.004, 0.012, 0.014)])
    canvas.fill(rim, dimmed(person.skin, 0.45), 0.7)
    rise = 0.035 + 0.02 * units.upper_lid_raiser
    fold = top[4:-2] - np.array([0.0, rise])
    line = ribbon(pose.on_face(fold), [0.0, 0.014 * pose.unit_px, 0.0])
    canvas.fill(line, dimmed(person.skin, 0.55), 0.65, pose.px(0.005))
    if units.cheek_raiser > 0.3:
        for dy in (-0.035, 0.0, 0.04):  # crow's feet
            start = (side * (_EYE_X + 0.185), _EYE_Y + 0.01 + dy * 0.6)
            end = (side * (_EYE_X + 0.265), _EYE_Y + 0.01 + dy * 2.0)
            crease = ribbon(pose.on_face(through([start, end], 6)), [0.016 * pose.unit_px, 0.0])
            strength = 0.35 * units.cheek_raiser + 0.35 * person.wrinkles
            canvas.fill(crease, dimmed(person.skin, 0.6), strength, pose.px(0.004))


def _surroundings(
    canvas: Canvas,
    pose: Pose,
    person: Person,
    units: ActionUnits,
    bottom: Points,
    side: int,
) -> None:
    """Paints the shade of the socket and, for a raised cheek or with age, the pouch below."""
    shadow = blend(dimmed(person.skin, 0.66), (110, 70, 80), 0.15)
    socket = ellipse(side * _EYE_X * 0.97, _EYE_Y - 0.07, 0.19, 0.12)
    depth = 0.35 + 0.25 * units.brow_lowerer
    canvas.fill(pose.on_face(socket), shadow, min(depth, 0.6), pose.px(0.045))
    pouch = bottom[6:-4] + np.array([0.0, 0.05 + 0.012 * units.cheek_raiser])
    line = ribbon(pose.on_face(pouch), [0.0, 0.022 * pose.unit_px, 0.0])
    strength = 0.15 + 0.4 * units.cheek_raiser + 0.3 * person.wrinkles + 0.15 * units.lid_droop
    canvas.fill(line, shadow, min(strength, 0.75), pose.px(0.009))
