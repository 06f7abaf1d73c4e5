"""Names of emotions, and the rules that turn a data set's labels into the five of Facet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

EMOTIONS: Final = ("happy", "sad", "angry", "surprised", "neutral")
"""The five classes, in the order of a five-class model's outputs."""

FERPLUS_NAMES: Final = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""FER+'s ten columns, in the order of fer2013new.csv (github.com/microsoft/FERPlus)."""

FER_NAMES: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's seven labels, 0 to 6, as in fer2013.csv."""

_FIVE_BY_SYNONYM: Final = {
    "happy": "happy",
    "happiness": "happy",
    "joy": "happy",
    "sad": "sad",
    "sadness": "sad",
    "angry": "angry",
    "anger": "angry",
    "surprise": "surprised",
    "surprised": "surprised",
    "neutral": "neutral",
}

_NOT_OF_THE_FIVE: Final = frozenset(
    {"disgust", "disgusted", "fear", "afraid", "contempt", "unknown", "nf"}
)


def five_class_name(name: str) -> str | None:
    """The one of ``EMOTIONS`` that another data set calls ``name``, or None."""
    return _FIVE_BY_SYNONYM.get(name.strip().lower())


def is_other_emotion(name: str) -> bool:
    """True for an emotion that other data sets have and the five classes lack (fear ...)."""
    return name.strip().lower() in _NOT_OF_THE_FIVE


def majority_labels(
    votes: npt.NDArray[Any], names: Sequence[str] = FERPLUS_NAMES
) -> list[str | None]:
    """FER+'s majority rule for five classes, for each row of votes.

    Votes of 1 or less are dropped as noise; the winner must be one of the five and hold more
    than half of what is left. Everything else is None: a frame without a label.

    Args:
        votes: non-negative integers [frames, len(names)], how many of ten people chose a name.
        names: what each column means.
    """
    kept = np.where(votes > 1, votes, 0).astype(np.int64)
    winners = kept.argmax(axis=1)
    is_majority = 2 * kept.max(axis=1, initial=0) > kept.sum(axis=1)
    five = [five_class_name(str(name)) for name in names]
    return [
        five[winner] if majority else None
        for winner, majority in zip(winners.tolist(), is_majority.tolist(), strict=True)
    ]


def vote_distribution(
    votes: npt.NDArray[Any], names: Sequence[str] = FERPLUS_NAMES
) -> npt.NDArray[np.float32]:
    """The share of all votes that each of ``EMOTIONS`` got, float32 [frames, 5].

    Votes of 1 are kept: as a soft label they carry the doubt. A row sums to less than 1 where
    people chose something outside the five; the missing part is how little the row says here.
    """
    shares = np.zeros((len(votes), len(EMOTIONS)), np.float32)
    total = np.maximum(votes.sum(axis=1, dtype=np.int64), 1).astype(np.float32)
    for column, name in enumerate(names):
        emotion = five_class_name(str(name))
        if emotion is not None:
            shares[:, EMOTIONS.index(emotion)] += votes[:, column] / total
    return shares
