"""Names of emotions, sets of classes, and the rules that turn a data set's labels into classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.errors import FacetError

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

_SYNONYMS: Final = {
    "happy": ("happiness", "joy"),
    "sad": ("sadness",),
    "angry": ("anger",),
    "surprised": ("surprise",),
    "neutral": (),
    "afraid": ("fear", "fearful", "scared"),
    "disgusted": ("disgust",),
    "contemptuous": ("contempt",),
}
"""Facet's name of each emotion: what the adjective is called elsewhere."""

_VALENCE: Final = {
    "positive": ("happy", "surprised"),
    "negative": ("sad", "angry", "afraid", "disgusted", "contemptuous"),
}
"""Groups of emotions (TinyVision's three classes, beside neutral)."""

_NO_EMOTION: Final = ("unknown", "nf")
"""What FER+'s people chose where they saw no emotion that they could name, or no face."""

_NAME_OF: Final = {
    spelling: name for name, others in _SYNONYMS.items() for spelling in (name, *others)
} | {group: group for group in _VALENCE}


def emotion_name(name: str) -> str | None:
    """Facet's name of the emotion, or of the group of them, that others call ``name``.

    "Sadness" is "sad"; None for what is no emotion.
    """
    return _NAME_OF.get(name.strip().lower())


def is_emotion(name: str) -> bool:
    """True for a label of any data set, also for "unknown" and "NF" (no face) of FER+."""
    return emotion_name(name) is not None or name.strip().lower() in _NO_EMOTION


@dataclass(frozen=True)
class LabelSet:
    """The classes that a model tells apart.

    Args:
        name: what the set is called ("five").
        labels: the classes, in the order of the model's outputs and as the model's card spells
            them.
    """

    name: str
    labels: tuple[str, ...]

    def class_of(self, name: str) -> str | None:
        """The class of a face that a data set labels ``name``, or None where the set has none.

        In five, "Sadness" is "sad" and "fear" is None; in three, "fear" is "negative".
        """
        emotion = emotion_name(name)
        return None if emotion is None else self._class_by_emotion.get(emotion)

    def classes_of(self, names: Iterable[str]) -> list[str | None]:
        """``class_of`` each."""
        return [self.class_of(name) for name in names]

    def index(self, label: str) -> int:
        """The model's output for a class."""
        return self.labels.index(label)

    @cached_property
    def _class_by_emotion(self) -> Mapping[str, str]:
        classes = {}
        for label in self.labels:
            name = emotion_name(label)
            assert name is not None, label
            classes[name] = label
            for emotion in _VALENCE.get(name, ()):
                classes.setdefault(emotion, label)
        return classes


_SIX: Final = ("happy", "sad", "angry", "surprised", "afraid", "disgusted")

LABEL_SETS: Final[Mapping[str, LabelSet]] = {
    name: LabelSet(name, labels)
    for name, labels in {
        "five": EMOTIONS,
        "seven": (*EMOTIONS, "afraid", "disgusted"),
        "eight": (*EMOTIONS, "afraid", "disgusted", "contemptuous"),
        "three": ("positive", "negative", "neutral"),
        "six": _SIX,
        "ck7": (*_SIX, "contemptuous"),
    }.items()
}
"""By name: five; FER2013's seven; FER+'s eight; three groups; CK+'s six without and seven with
contempt (CK+48 has no neutral faces)."""

FIVE: Final = LABEL_SETS["five"]


def label_set_of(labels: Sequence[str]) -> LabelSet:
    """The set that a model's labels make, in the order and spelling in which they are given.

    Args:
        labels: of the model's outputs, as its card has them; other data sets' names of the
            emotions serve too. A selection of emotions that has no name of its own is a set
            named "own".

    Raises:
        FacetError: a label is no emotion, or one stands there twice.
    """
    names = [emotion_name(label) for label in labels]
    for label, name in zip(labels, names, strict=True):
        if name is None:
            raise FacetError(
                f"no emotion {label!r} is known: labels are {', '.join(_SYNONYMS)}; or "
                f"{', '.join(_VALENCE)} and neutral"
            )
        if names.count(name) > 1:
            raise FacetError(f"two of the labels {', '.join(labels)} mean {name}")
    for known in LABEL_SETS.values():
        if set(names) == set(known.labels):
            return LabelSet(known.name, tuple(labels))
    return LabelSet("own", tuple(labels))


def no_such_class(where: object, label_set: LabelSet, shown: Sequence[str]) -> FacetError:
    """The error of data that a model cannot be held against.

    Args:
        where: the file or folder, and which part of it.
        label_set: the model's classes.
        shown: what the data has, in its own words.
    """
    return FacetError(
        f"{where}: no frame is labelled with one of the model's classes "
        f"({', '.join(label_set.labels)}); the labels there are {', '.join(shown) or 'none'}"
    )


def majority_labels(
    votes: npt.NDArray[Any], names: Sequence[str] = FERPLUS_NAMES, label_set: LabelSet = FIVE
) -> list[str | None]:
    """FER+'s majority rule, for each row of votes.

    Votes of 1 or less are dropped as noise, each name for itself; what is left is summed over the
    names that mean the same class. The winner must be a class of the set and hold more than half
    of all that is left. Everything else is None: a frame without a label.

    Args:
        votes: non-negative integers [frames, len(names)], how many of ten people chose a name.
        names: what each column means.
        label_set: the classes.
    """
    kept = np.where(votes > 1, votes, 0).astype(np.int64)
    by_class = _sum_by_class(kept, names, label_set)
    is_majority = 2 * by_class.max(axis=1, initial=0) > kept.sum(axis=1)
    return [
        label_set.labels[winner] if majority else None
        for winner, majority in zip(
            by_class.argmax(axis=1).tolist(), is_majority.tolist(), strict=True
        )
    ]


def vote_distribution(
    votes: npt.NDArray[Any], names: Sequence[str] = FERPLUS_NAMES, label_set: LabelSet = FIVE
) -> npt.NDArray[np.float32]:
    """The share of all votes that each class got, float32 [frames, classes].

    Votes of 1 are kept: as a soft label they carry the doubt. A row sums to less than 1 where
    people chose something outside the set; the missing part is how little the row says here.

    Args: as of ``majority_labels``.
    """
    total = np.maximum(votes.sum(axis=1, dtype=np.int64), 1)
    shares = _sum_by_class(votes.astype(np.int64), names, label_set) / total[:, None]
    return np.asarray(shares, np.float32)


def _sum_by_class(
    votes: npt.NDArray[np.int64], names: Sequence[str], label_set: LabelSet
) -> npt.NDArray[np.int64]:
    """Votes [frames, classes]; those for what the set has no class for are left out."""
    sums = np.zeros((len(votes), len(label_set.labels)), np.int64)
    for column, label in enumerate(label_set.classes_of(str(name) for name in names)):
        if label is not None:
            sums[:, label_set.index(label)] += votes[:, column]
    return sums
