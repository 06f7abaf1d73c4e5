"""Faces that Facet draws itself, as a data set."""

from __future__ import annotations

from typing import Final

from sim.dataset.faces import draw_face
from sim.dataset.frame import Frame
from sim.dataset.labels import EMOTIONS

DRAWN: Final = "drawn"
"""What stands in place of a path to ask for drawn faces."""

DEFAULT_COUNT: Final = 50

SEED_RANGE_BY_SPLIT: Final = {"training": 0, "public": 1_000_000, "private": 2_000_000}
"""First seed of each split's faces: a model trained on drawn faces never meets those of a test."""


def load_drawn(split: str, limit: int | None, seed: int) -> list[Frame]:
    """Drawn faces, the emotions in turn, so that any five neighbours hold all five.

    Args:
        split: which range of seeds.
        limit: how many; None: ``DEFAULT_COUNT``.
        seed: offset into the range: another seed, other people.
    """
    count = DEFAULT_COUNT if limit is None else limit
    first = SEED_RANGE_BY_SPLIT[split] + seed
    frames = []
    for i in range(count):
        emotion = EMOTIONS[i % len(EMOTIONS)]
        face = draw_face(emotion, first + i)
        frames.append(Frame(face.gray, emotion, f"{emotion} {first + i}", DRAWN))
    return frames
