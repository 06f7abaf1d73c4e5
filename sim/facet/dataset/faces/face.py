"""Draws a face from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from facet.dataset.faces.brows import draw_brows
from facet.dataset.faces.canvas import Canvas, ColourImage
from facet.dataset.faces.expression import ActionUnits, expression
from facet.dataset.faces.eyes import draw_eyes
from facet.dataset.faces.hair import draw_hair, draw_hair_behind
from facet.dataset.faces.head import (
    draw_beard,
    draw_head,
    draw_jaw_shade,
    draw_neck,
    head_outline,
    light_head,
)
from facet.dataset.faces.mouth import draw_mouth, mouth_shape
from facet.dataset.faces.nose import draw_nose
from facet.dataset.faces.person import Person, random_person
from facet.dataset.faces.pose import Pose, random_pose
from facet.dataset.faces.setting import draw_background, draw_glasses
from facet.dataset.frame import GrayImage
from facet.dataset.labels import EMOTIONS
from facet.dataset.resample import resize_area
from facet.errors import FacetError

_LARGE_px: Final = 576
_SMALL_px: Final = 288
"""Sizes at which faces are painted; other sizes are averaged down from them."""


@dataclass(frozen=True, eq=False)
class Face:
    """A drawn face.

    Args:
        image: red, green, blue, uint8 [size, size, 3].
        emotion: one of ``EMOTIONS``.
        seed: with the emotion and size it gives the same image, byte for byte, anywhere.
        attributes: what was drawn: person, pose, action units, light.
    """

    image: ColourImage
    emotion: str
    seed: int
    attributes: Mapping[str, Any]

    @cached_property
    def gray(self) -> GrayImage:
        """Luma by ITU-R BT.601 in 1/256 (77, 150, 29): what the sensor sees, uint8."""
        red, green, blue = (self.image[..., i].astype(np.int32) for i in range(3))
        return ((77 * red + 150 * green + 29 * blue + 128) >> 8).astype(np.uint8)


def draw_face(emotion: str, seed: int, size: int = 288) -> Face:
    """Draws a person who shows an emotion.

    Args:
        emotion: one of ``EMOTIONS``.
        seed: who it is, how they show it, pose, light and background; the same person shows
            another emotion when only ``emotion`` changes.
        size: height and width in pixels, 16 to 1152.

    Raises:
        FacetError: no such emotion, or a size outside the range.
    """
    if emotion not in EMOTIONS:
        raise FacetError(f"no emotion '{emotion}': choose one of {', '.join(EMOTIONS)}")
    if not 16 <= size <= 1152:
        raise FacetError(f"a face of {size} pixels cannot be drawn: choose 16 to 1152")
    # One random stream for each part: one more number in a part does not change the others.
    who, how, where, strands = (
        np.random.Generator(np.random.PCG64([seed, stream])) for stream in range(4)
    )
    person = random_person(who)
    units = expression(emotion, how)
    side = _SMALL_px if size <= _SMALL_px // 2 else _LARGE_px
    pose = random_pose(side, where)
    light = _random_light(where)
    gaze = (0.03 * (float(where.random()) - 0.5), 0.016 * (float(where.random()) - 0.5))
    canvas = Canvas(side, (0, 0, 0))
    draw_background(canvas, where)
    _draw_person(canvas, pose, person, units, light, gaze, strands)
    attributes = {
        "person": asdict(person),
        "pose": asdict(pose),
        "action_units": asdict(units),
        "light": light,
    }
    return Face(_reduced(canvas.pixels, size), emotion, seed, attributes)


def _draw_person(
    canvas: Canvas,
    pose: Pose,
    person: Person,
    units: ActionUnits,
    light: tuple[float, float, float],
    gaze: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Paints the parts from the back to the front."""
    outline = pose.in_plane(head_outline(person, units))
    draw_hair_behind(canvas, pose, person)
    draw_neck(canvas, pose, person)
    draw_jaw_shade(canvas, pose, person, outline)
    draw_head(canvas, pose, person, units)
    draw_nose(canvas, pose, person, units, light[0])
    draw_beard(canvas, pose, person, mouth_shape(person, units))
    draw_mouth(canvas, pose, person, units)
    draw_eyes(canvas, pose, person, units, gaze)
    draw_brows(canvas, pose, person, units)
    light_head(canvas, pose, outline, light)
    draw_hair(canvas, pose, person, rng)
    if person.glasses:
        draw_glasses(canvas, pose)


def _random_light(rng: np.random.Generator) -> tuple[float, float, float]:
    """The direction to the light: from any side, mostly from above, never from behind."""
    x = 1.3 * (float(rng.random()) - 0.5)
    y = -0.55 * float(rng.random()) - 0.05
    length = float(np.sqrt(x * x + y * y + 0.75 * 0.75))
    return x / length, y / length, 0.75 / length


def _reduced(pixels: ColourImage, size: int) -> ColourImage:
    return np.stack([resize_area(pixels[..., i], size, size) for i in range(3)], axis=2)
