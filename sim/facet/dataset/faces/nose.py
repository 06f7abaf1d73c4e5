"""The nose, by its shades."""

from __future__ import annotations

from facet.dataset.faces.canvas import Canvas
from facet.dataset.faces.curves import ellipse, ribbon, through
from facet.dataset.faces.expression import ActionUnits
from facet.dataset.faces.person import Person, dimmed
from facet.dataset.faces.pose import Pose


def draw_nose(
    canvas: Canvas, pose: Pose, person: Person, units: ActionUnits, light_x: float
) -> None:
    """Bridge, tip, wings and nostrils; flared where the upper lip is raised in anger.

    Args:
        light_x: -1 light from the left to 1 from the right: the shade is on the other side.
    """
    size = person.nose_size
    flare = 1.0 + 0.18 * max(units.upper_lip_raiser, 0.5 * units.brow_lowerer)
    wing = 0.125 * size * flare
    lift = -0.02 * units.upper_lip_raiser
    shadow, dark = dimmed(person.skin, 0.68), dimmed(person.skin, 0.36)
    side = -1 if light_x > 0 else 1
    bridge = through(
        [(side * 0.075, -0.12), (side * 0.055, 0.08), (side * 0.09 * size, 0.27 + lift)], 8
    )
    canvas.fill(
        ribbon(pose.on_face(bridge, 0.10), [w * pose.unit_px for w in (0.05, 0.05, 0.075)]),
        shadow,
        0.5,
        pose.px(0.022),
    )
    ridge = through([(0.0, -0.1), (0.0, 0.26)], 8)
    canvas.fill(
        ribbon(pose.on_face(ridge, 0.14), [w * pose.unit_px for w in (0.04, 0.06)]),
        dimmed(person.skin, 1.12),
        0.55,
        pose.px(0.018),
    )
    under = ellipse(0.0, 0.365 + lift, 0.15 * size * flare, 0.035)
    canvas.fill(pose.on_face(under, 0.08), shadow, 0.7, pose.px(0.018))
    tip = ellipse(0.0, 0.29 + lift, 0.085 * size, 0.06)
    canvas.fill(pose.on_face(tip, 0.18), dimmed(person.skin, 1.06), 0.6, pose.px(0.02))
    for s in (1, -1):
        edge = through(
            [
                (s * wing * 0.86, 0.25 + lift),
                (s * wing * 1.18, 0.31 + lift),
                (s * wing * 0.92, 0.352 + lift),
            ],
            6,
        )
        outline = ribbon(pose.on_face(edge, 0.06), [w * pose.unit_px for w in (0.006, 0.02, 0.012)])
        canvas.fill(outline, dark, 0.55, pose.px(0.006))
        nostril = ellipse(s * 0.062 * size * flare, 0.343 + lift, 0.034 * flare, 0.018 * flare)
        canvas.fill(pose.on_face(nostril, 0.10), dark, 0.9, pose.px(0.005))
