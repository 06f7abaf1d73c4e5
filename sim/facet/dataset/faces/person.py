"""The drawn person: every property of a face except its expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from facet.dataset.faces.canvas import Colour

_SKINS: Final[tuple[Colour, ...]] = (
    (246, 216, 194),
    (236, 198, 170),
    (224, 178, 144),
    (204, 154, 118),
    (176, 124, 88),
    (140, 94, 66),
    (112, 74, 54),
)
_HAIRS: Final[tuple[Colour, ...]] = (
    (28, 24, 22),
    (48, 34, 26),
    (78, 52, 34),
    (120, 82, 48),
    (176, 136, 82),
    (130, 62, 36),
)
_GRAY_HAIR: Final[Colour] = (182, 180, 178)
_IRISES: Final[tuple[Colour, ...]] = ((58, 38, 26), (88, 62, 38), (74, 104, 78), (84, 122, 158))

HAIR_STYLES: Final = ("short", "parted", "fringe", "long", "curly", "bun", "receding", "bald")


@dataclass(frozen=True)
class Person:
    """A person before a camera.

    Args:
        age_years: 8 to 80.
        skin, hair, iris, clothes: colours.
        hair_style: one of ``HAIR_STYLES``.
        beard: 0 none to 1 full.
        glasses: whether worn.
        face_width, jaw_width, eye_size, brow_weight, nose_size, lip_weight: about 1.
        wrinkles: 0 smooth to 1.
    """

    age_years: int
    skin: Colour
    hair: Colour
    iris: Colour
    clothes: Colour
    hair_style: str
    beard: float
    glasses: bool
    face_width: float
    jaw_width: float
    eye_size: float
    brow_weight: float
    nose_size: float
    lip_weight: float
    wrinkles: float


def random_person(rng: np.random.Generator) -> Person:
    """A random person; the same state of ``rng`` gives the same person."""
    age = int(rng.integers(8, 81))
    is_child = age < 15
    tone = int(rng.integers(len(_SKINS)))
    hair = _HAIRS[int(rng.integers(len(_HAIRS) if tone < 3 else 3))]
    gray = min(max((age - 45) / 30, 0.0), 1.0) * float(rng.random())
    has_beard = age >= 18 and rng.random() < 0.22
    styles = HAIR_STYLES[:6] if age < 25 else HAIR_STYLES
    style = styles[int(rng.integers(len(styles) if has_beard else 6))]
    if has_beard:
        style = ("short", "parted", "receding", "bald", "curly")[int(rng.integers(5))]
    return Person(
        age_years=age,
        skin=_jittered(_SKINS[tone], 8, rng),
        hair=blend(_jittered(hair, 6, rng), _GRAY_HAIR, gray),
        iris=_IRISES[int(rng.integers(len(_IRISES) if tone < 3 else 2))],
        clothes=(
            int(rng.integers(20, 230)),
            int(rng.integers(20, 230)),
            int(rng.integers(20, 230)),
        ),
        hair_style=style,
        beard=0.4 + 0.6 * float(rng.random()) if has_beard else 0.0,
        glasses=bool(rng.random() < 0.15),
        face_width=_around_1(0.07, rng) * (1.04 if is_child else 1.0),
        jaw_width=_around_1(0.09, rng),
        eye_size=_around_1(0.08, rng) * (1.12 if is_child else 1.0),
        brow_weight=_around_1(0.3, rng) * (0.75 if is_child else 1.0),
        nose_size=_around_1(0.12, rng) * (0.85 if is_child else 1.0),
        lip_weight=_around_1(0.2, rng) * (1.0 - 0.25 * max(age - 50, 0) / 30),
        wrinkles=min(max((age - 30) / 50, 0.0), 1.0),
    )


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """A mix of two colours with the share 0..1 of ``b``."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def dimmed(colour: Colour, factor: float) -> Colour:
    """A colour made darker (below 1) or lighter (above)."""
    red, green, blue = (min(max(round(x * factor), 0), 255) for x in colour)
    return red, green, blue


def _jittered(colour: Colour, by: int, rng: np.random.Generator) -> Colour:
    red, green, blue = (min(max(x + int(rng.integers(-by, by + 1)), 0), 255) for x in colour)
    return red, green, blue


def _around_1(by: float, rng: np.random.Generator) -> float:
    return 1.0 + by * (2.0 * float(rng.random()) - 1.0)
