"""Faces that Facet draws itself, as a data set."""

from __future__ import annotations

from typing import Final

from facet.dataset.dataset import Selection
from facet.dataset.faces import draw_face
from facet.dataset.frame import Frame
from facet.dataset.labels import EMOTIONS, FIVE, LabelSet
from facet.errors import FacetError

DRAWN: Final = "drawn"
"""The name of this data set, given in place of a path."""

DEFAULT_COUNT: Final = 50

SEED_RANGE_BY_SPLIT: Final = {"training": 0, "public": 1_000_000, "private": 2_000_000}
"""First seed of each split's faces: no face of the training split is in another split."""

_SPLIT_OF_DRAWN: Final = {"validation": "public", "test": "private", None: "public"}


class DrawnSet:
    """Drawn faces of each emotion in turn that can be drawn and has a class in the set.

    Args:
        seed: offset into a split's range of seeds: another seed, other people.
        labels: the classes.

    Raises:
        FacetError: none of the classes is an emotion that can be drawn.
    """

    restricted = False
    name = DRAWN

    def __init__(self, seed: int = 0, labels: LabelSet = FIVE) -> None:
        self._seed = seed
        self._labels = labels
        self._emotions = [emotion for emotion in EMOTIONS if labels.class_of(emotion) is not None]
        if not self._emotions:
            raise FacetError(
                f"drawn faces show {', '.join(EMOTIONS)}, none of which is one of the model's "
                f"classes ({', '.join(labels.labels)}): give a --dataset that has them"
            )

    @property
    def splits(self) -> tuple[str, ...]:
        """All splits; each has other people."""
        return tuple(SEED_RANGE_BY_SPLIT)

    def select(
        self, split: str | None = None, limit: int | None = None, *, unlabelled: bool = True
    ) -> Selection:
        """Draws as many faces as the limit, ``DEFAULT_COUNT`` without one."""
        chosen = _SPLIT_OF_DRAWN.get(split) or str(split)
        first = SEED_RANGE_BY_SPLIT[chosen] + self._seed
        count = DEFAULT_COUNT if limit is None else limit
        return Selection([self._frame(i, first + i) for i in range(count)], split=chosen)

    def count(self, split: str) -> int:
        """0: the number of faces is unlimited."""
        return 0

    def person(self, frame: Frame) -> str | None:
        """The name of the frame: each face has its own person."""
        return None

    def _frame(self, number: int, seed: int) -> Frame:
        emotion = self._emotions[number % len(self._emotions)]
        face, label = draw_face(emotion, seed), self._labels.class_of(emotion)
        return Frame(face.gray, label, f"{emotion} {seed}", DRAWN, may_show=True)
