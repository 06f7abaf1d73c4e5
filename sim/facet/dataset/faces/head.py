"""The head: outline, ears, neck, the light that falls on it, beard, age."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from facet.dataset.faces.canvas import Canvas
from facet.dataset.faces.curves import Points, ellipse, points, ribbon, through
from facet.dataset.faces.expression import ActionUnits
from facet.dataset.faces.mouth import MouthShape, jaw_drop
from facet.dataset.faces.person import Person, blend, dimmed
from facet.dataset.faces.pose import Pose


def head_outline(person: Person, units: ActionUnits) -> Points:
    """Crown, temples, cheeks, jaw and chin in face space."""
    w, jaw = person.face_width, person.jaw_width
    chin = 1.0 + jaw_drop(units)
    cheek = 0.70 * w + 0.03 * units.lip_corner_puller
    right = [
        (0.0, -1.06),
        (0.40 * w, -0.97),
        (0.64 * w, -0.68),
        (0.715 * w, -0.25),
        (cheek, 0.20),
        (0.60 * w * jaw, 0.56),
        (0.36 * w * jaw, chin - 0.13),
        (0.13, chin),
    ]
    left = [(-x, y) for x, y in reversed(right) if x > 0]
    return through([*right, *left], 8, closed=True)


def draw_neck(canvas: Canvas, pose: Pose, person: Person) -> None:
    """Neck and shoulders; the chin's shade on the neck."""
    neck = points((-0.36, 0.5), (0.36, 0.5), (0.42, 1.35), (-0.42, 1.35))
    canvas.fill(pose.in_plane(neck), dimmed(person.skin, 0.78))
    shoulders = through(
        [
            (-1.6, 1.75),
            (-1.2, 1.32),
            (-0.45, 1.16),
            (0.0, 1.3),
            (0.45, 1.16),
            (1.2, 1.32),
            (1.6, 1.75),
        ],
        8,
    )
    body = np.concatenate([shoulders, points((2.0, 3.0), (-2.0, 3.0))])
    canvas.fill(pose.in_plane(body), person.clothes)


def draw_head(canvas: Canvas, pose: Pose, person: Person, units: ActionUnits) -> None:
    """Ears and the head's skin, with warmer cheeks and nose."""
    turned = pose.yaw_deg / 350
    for side in (1, -1):
        ear = ellipse(side * 0.70 * person.face_width - turned, 0.06, 0.095, 0.20)
        canvas.fill(pose.in_plane(ear), dimmed(person.skin, 0.92))
        inner = ellipse(side * 0.725 * person.face_width - turned, 0.06, 0.045, 0.12)
        canvas.fill(pose.in_plane(inner), dimmed(person.skin, 0.7), 0.8, pose.px(0.015))
    canvas.fill(pose.in_plane(head_outline(person, units)), person.skin)
    blush = blend(person.skin, (206, 96, 90), 0.35)
    lift = -0.045 * units.cheek_raiser
    for side in (1, -1):
        cheek = pose.on_face(ellipse(side * 0.43, 0.27 + lift, 0.16, 0.13))
        canvas.fill(cheek, blush, 0.45, pose.px(0.06))
        if units.cheek_raiser > 0.2:  # the raised cheek catches the light
            apple = pose.on_face(ellipse(side * 0.40, 0.21 + lift, 0.13, 0.08))
            canvas.fill(apple, dimmed(person.skin, 1.16), 0.6 * units.cheek_raiser, pose.px(0.045))


def draw_beard(canvas: Canvas, pose: Pose, person: Person, mouth: MouthShape) -> None:
    """Beard and moustache, leaving the lips free."""
    if not person.beard:
        return
    width = person.face_width
    half = mouth.corner_x + 0.06
    bottom = float(mouth.lower_outer[18, 1])
    chin = max(1.0, bottom + 0.24)
    outer = through(
        [
            (-0.70 * width, 0.05),
            (-0.60 * width, 0.55),
            (-0.34 * width, chin - 0.05),
            (0.0, chin + 0.06),
            (0.34 * width, chin - 0.05),
            (0.60 * width, 0.55),
            (0.70 * width, 0.05),
        ],
        8,
    )
    inner = through(
        [
            (0.58 * width, 0.22),
            (0.46 * width, 0.46),
            (half, mouth.corner_y + 0.02),
            (0.19, bottom + 0.05),
            (0.0, bottom + 0.075),
            (-0.19, bottom + 0.05),
            (-half, mouth.corner_y + 0.02),
            (-0.46 * width, 0.46),
            (-0.58 * width, 0.22),
        ],
        8,
    )
    cover = 0.35 + 0.5 * person.beard
    beard = pose.in_plane(np.concatenate([outer, inner]))
    canvas.fill(beard, person.hair, cover, pose.px(0.03))
    top = float(mouth.upper_outer[18, 1])
    moustache = through(
        [
            (-half, mouth.corner_y + 0.01),
            (-0.12, top - 0.055),
            (0.0, top - 0.035),
            (0.12, top - 0.055),
            (half, mouth.corner_y + 0.01),
        ],
        8,
    )
    outline = ribbon(
        pose.on_face(moustache, 0.05), [w * pose.unit_px for w in (0.03, 0.07, 0.05, 0.07, 0.03)]
    )
    canvas.fill(outline, person.hair, cover, pose.px(0.014))


def light_head(
    canvas: Canvas, pose: Pose, outline: Points, direction: tuple[float, float, float]
) -> None:
    """Shade the head as the front of an ellipsoid under a light.

    Args:
        outline: the head's, in pixels.
        direction: towards the light: right, down, towards the viewer; about length 1.
    """
    side = canvas.side
    # Root, sum and product only: rounded alike on every machine, unlike sines and powers.
    across = ((np.arange(side) - pose.x_px) / (0.98 * pose.unit_px))[None, :]
    down = ((np.arange(side) - pose.y_px) / (1.35 * pose.unit_px))[:, None]
    toward = np.sqrt(np.maximum(1.0 - across * across - down * down, 0.0))
    x, y, z = direction
    lit = np.maximum(across * x + down * y + toward * z, 0.0)
    factor: npt.NDArray[np.int32] = np.rint(256 * (0.52 + 0.56 * lit)).astype(np.int32)
    # A little wider than the head, or its softened edge would stay unlit: a bright rim.
    middle = np.array([pose.x_px, pose.y_px])
    canvas.light(factor, canvas.mask(middle + (outline - middle) * 1.012))


def draw_jaw_shade(canvas: Canvas, pose: Pose, person: Person, outline: Points) -> None:
    """The head's shade on the neck, drawn before the head."""
    below = outline + np.array([0.0, 0.07 * pose.unit_px])
    canvas.fill(below, dimmed(person.skin, 0.45), 0.6, pose.px(0.04))
