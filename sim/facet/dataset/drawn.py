"""Faces that Facet draws itself, as a data set."""

from __future__ import annotations

from typing import Final

from facet.dataset.faces import draw_face
from facet.dataset.frame import Frame
from facet.dataset.labels import EMOTIONS, FIVE, LabelSet
from facet.errors import FacetError

DRAWN: Final = "drawn"
"""What stands in place of a path to ask for drawn faces."""

DEFAULT_COUNT: Final = 50

SEED_RANGE_BY_SPLIT: Final = {"training": 0, "public": 1_000_000, "private": 2_000_000}
"""First seed of each split's faces: a model trained on drawn faces never meets those of a test."""


def load_drawn(split: str, limit: int | None, seed: int, label_set: LabelSet = FIVE) -> list[Frame]:
    """Drawn faces, in turn of each emotion that can be drawn and that the set has a class for.

    Args:
        split: which range of seeds.
        limit: how many; None: ``DEFAULT_COUNT``.
        seed: offset into the range: another seed, other people.
        label_set: the classes.

    Raises:
        FacetError: no emotion that can be drawn is of the set.
    """
    emotions = [emotion for emotion in EMOTIONS if label_set.class_of(emotion) is not None]
    if not emotions:
        raise FacetError(
            f"drawn faces show {', '.join(EMOTIONS)}, none of which is of the model's classes "
            f"({', '.join(label_set.labels)}): give a --dataset that has them"
        )
    first = SEED_RANGE_BY_SPLIT[split] + seed
    frames = []
    for i in range(DEFAULT_COUNT if limit is None else limit):
        emotion = emotions[i % len(emotions)]
        face = draw_face(emotion, first + i)
        label = label_set.class_of(emotion)
        frames.append(Frame(face.gray, label, f"{emotion} {first + i}", DRAWN))
    return frames
