"""Eyebrows: raised, lowered, drawn together."""

from __future__ import annotations

from facet.dataset.faces.canvas import Canvas, Colour
from facet.dataset.faces.curves import Points, mirrored, ribbon, through
from facet.dataset.faces.expression import ActionUnits
from facet.dataset.faces.person import Person, dimmed
from facet.dataset.faces.pose import Pose


def brow_line(units: ActionUnits) -> Points:
    """The right brow's middle line in face space, from the nose outwards."""
    au1, au2, au4 = units.inner_brow_raiser, units.outer_brow_raiser, units.brow_lowerer
    lowered = au4 * (1.0 - 0.9 * min(au1, 1.0))
    inner = (0.145 - 0.05 * au4, -0.255 - 0.15 * au1 + 0.135 * lowered)
    middle = (0.31, -0.315 - 0.05 * au1 - 0.12 * au2 + 0.085 * lowered + 0.02 * au4 * au1)
    outer = (0.535, -0.235 - 0.13 * au2 + 0.06 * au1 * (1.0 - min(au2, 1.0)) - 0.05 * lowered)
    return through([inner, middle, outer], 12)


def draw_brows(canvas: Canvas, pose: Pose, person: Person, units: ActionUnits) -> None:
    """Both brows, thick inside and thin outside, and the furrows that they make."""
    right = brow_line(units)
    colour = dimmed(person.hair, 0.6) if sum(person.hair) > 330 else person.hair
    thick = 0.075 * person.brow_weight
    for line in (right, mirrored(right)):
        widths = [w * pose.unit_px for w in (thick, thick * 1.05, 0.02)]
        outline = ribbon(pose.on_face(line), widths)
        canvas.fill(outline, colour, 0.88, pose.px(0.008))
    _furrows(canvas, pose, person, units)


def _furrows(canvas: Canvas, pose: Pose, person: Person, units: ActionUnits) -> None:
    """Vertical lines between lowered brows; horizontal ones above raised brows."""
    shadow = dimmed(person.skin, 0.62)
    frown = min(units.brow_lowerer, 1.0)
    if frown > 0.3:
        for x, lean in ((0.055, 0.02), (-0.055, -0.02)):
            line = through([(x, -0.13), (x + lean / 2, -0.22), (x + lean, -0.33)], 8)
            _crease(canvas, pose, line, 0.028, shadow, 0.75 * frown)
        across = through([(-0.07, -0.07), (0.0, -0.055), (0.07, -0.07)], 6)
        _crease(canvas, pose, across, 0.022, shadow, 0.4 * frown)
    raised = (units.inner_brow_raiser + units.outer_brow_raiser) / 2
    half = 0.22 + 0.24 * min(units.outer_brow_raiser, 1.0)
    for y in (-0.49, -0.58, -0.67):
        strength = 0.5 * raised + 0.3 * person.wrinkles
        line = through([(-half, y + 0.03), (0.0, y), (half, y + 0.03)], 10)
        if strength > 0.05:
            _crease(canvas, pose, line, 0.02, shadow, min(strength, 0.7) * 0.7)


def _crease(
    canvas: Canvas, pose: Pose, line: Points, width: float, colour: Colour, dark: float
) -> None:
    outline = ribbon(pose.on_face(line), [0.0, width * pose.unit_px, 0.0])
    canvas.fill(outline, colour, dark, pose.px(0.006))
