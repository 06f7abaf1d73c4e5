"""Names of emotions, sets of classes, and the rules that map a data set's labels to classes."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.negation import are_opposite, is_negated
from facet.errors import FacetError
from facet.text import printable

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
"""Facet's name of each emotion -> the names that other data sets use."""

_VALENCE: Final = {
    "positive": ("happy", "surprised"),
    "negative": ("sad", "angry", "afraid", "disgusted", "contemptuous"),
}
"""Groups of emotions (TinyVision's three classes, without neutral)."""

_NO_EMOTION: Final = ("unknown", "nf")
"""Labels of FER+ for a picture without a nameable emotion, or without a face."""

_LEAST_LIKENESS: Final = 0.75
"""Ratio of ``difflib`` from which a misspelt name resembles a label: "suprise" has 0.93 to
"surprise", "mother" 0.31."""

_SHORTEST_LIKENESS: Final = 4
"""Characters that a misspelt name has at least: shorter ones resemble too much ("fer", "fear")."""

_NAME_OF: Final = {
    spelling: name for name, others in _SYNONYMS.items() for spelling in (name, *others)
} | {group: group for group in _VALENCE}


@lru_cache(maxsize=16384)
def folded(name: str) -> str:
    """A name as it is compared: without case, and with ``_``, ``-`` and blanks taken as one.

    The minus sign of a number stays: "-1" is not "1".
    """
    text = unicodedata.normalize("NFKC", name).replace("\N{MINUS SIGN}", "-")
    kept = re.sub(r"(?<![^\s_])-(?=\d)", "\0", text)
    return re.sub(r"[\s_-]+", " ", kept).replace("\0", "-").strip().casefold()


def emotion_name(name: str) -> str | None:
    """Facet's name of the emotion, or of the group of them, that others call ``name``.

    "Sadness" is "sad"; None for what is not an emotion.
    """
    return _NAME_OF.get(folded(name))


def is_emotion(name: str) -> bool:
    """Whether any data set uses this label, also "unknown" and "NF" (no face) of FER+."""
    return emotion_name(name) is not None or folded(name) in _NO_EMOTION


def group_has(group: str, name: str) -> bool:
    """Whether ``group`` is a group of emotions (positive, negative) that ``name`` belongs to."""
    return emotion_name(name) in _VALENCE.get(folded(group), ())


@dataclass(frozen=True)
class LabelSet:
    """The classes of a model: emotions, or anything else.

    Args:
        name: what the set is called ("five").
        labels: the classes, in the order of the model's outputs and as the model's card spells
            them.
    """

    name: str
    labels: tuple[str, ...]

    def class_of(self, name: str) -> str | None:
        """The class of a picture that a data set labels ``name``, or None where the set has none.

        A class is found by its own name, whatever the case; emotions also by the names that other
        data sets use: in five, "Sadness" is "sad" and "fear" is None; in three, "fear" is
        "negative".
        """
        own = self._class_by_name.get(folded(name))
        if own is not None:
            return own
        emotion = emotion_name(name)
        return None if emotion is None else self._class_by_emotion.get(emotion)

    def classes_of(self, names: Iterable[str]) -> list[str | None]:
        """``class_of`` each."""
        return [self.class_of(name) for name in names]

    def index(self, label: str) -> int:
        """The model's output for a class."""
        return self.labels.index(label)

    def nearest(self, name: str) -> str | None:
        """The known label that a misspelt ``name`` most resembles, or None.

        "suprise" gives "surprise", "1_surprise" and "surprise faces" give it too. "unhappy" and
        "not happy" give nothing.
        """
        if is_negated(name):
            return None
        known = {folded(label) for label in self.labels}
        if self.has_emotions:
            known |= set(_NAME_OF)
        words = [word for word in re.split(r"[\d\W]+", folded(name)) if word]
        for candidate in (" ".join(words), *words):
            if candidate in known:
                return candidate
        for candidate in (" ".join(words), *words):
            if len(candidate) < _SHORTEST_LIKENESS:
                continue
            close = difflib.get_close_matches(candidate, sorted(known), 1, _LEAST_LIKENESS)
            if close and not are_opposite(candidate, close[0]):
                return close[0]
        return None

    @property
    def has_emotions(self) -> bool:
        """Whether any of the classes is an emotion."""
        return bool(self._class_by_emotion)

    @cached_property
    def _class_by_name(self) -> Mapping[str, str]:
        return {folded(label): label for label in self.labels}

    @cached_property
    def _class_by_emotion(self) -> Mapping[str, str]:
        classes = {}
        for label in self.labels:
            name = emotion_name(label)
            if name is None:
                continue
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
        labels: of the model's outputs, as its card has them. Emotions may have the names that any
            data set uses; labels that are not emotions are classes as well. A selection that has
            no name of its own is a set named "own".

    Raises:
        FacetError: there is no label, one is empty or has characters that cannot be printed, or
            two mean the same.
    """
    if not labels:
        raise FacetError("there are no labels")
    meanings: dict[str, str] = {}
    for label in labels:
        if not label.strip() or not label.isprintable():
            raise FacetError(f"the label {label!r} is not a name that can be printed")
        meaning = emotion_name(label) or folded(label)
        if meaning in meanings:
            raise FacetError(f"two labels, {meanings[meaning]!r} and {label!r}, mean the same")
        meanings[meaning] = label
    for known in LABEL_SETS.values():
        if set(meanings) == set(known.labels):
            return LabelSet(known.name, tuple(labels))
    return LabelSet("own", tuple(labels))


def no_such_class(where: object, label_set: LabelSet, shown: Sequence[str]) -> FacetError:
    """The error for data that has none of the model's classes.

    Args:
        where: the file or folder, and which part of it.
        label_set: the model's classes.
        shown: what the data has, in its own words.
    """
    return FacetError(
        f"{where}: no frame is labelled with one of the model's classes "
        f"({', '.join(label_set.labels)}); the labels there are "
        f"{printable(', '.join(shown)) or 'none'}"
    )


def majority_labels(
    votes: npt.NDArray[Any], names: Sequence[str] = FERPLUS_NAMES, label_set: LabelSet = FIVE
) -> list[str | None]:
    """FER+'s majority rule, for each row of votes.

    Votes of 1 or less for a name are dropped as noise. The other votes are summed over the names of
    each class. The winner must be a class of the set with more than half of the votes that are
    left; otherwise the frame has no label (None).

    Args:
        votes: non-negative integers [frames, len(names)]: the number of people who chose a name.
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

    Votes of 1 are kept: in a soft label they express doubt. A row sums to less than 1 where people
    chose something outside of the set.

    Args: as of ``majority_labels``.
    """
    total = np.maximum(votes.sum(axis=1, dtype=np.int64), 1)
    shares = _sum_by_class(votes.astype(np.int64), names, label_set) / total[:, None]
    return np.asarray(shares, np.float32)


def _sum_by_class(
    votes: npt.NDArray[np.int64], names: Sequence[str], label_set: LabelSet
) -> npt.NDArray[np.int64]:
    """Votes [frames, classes]; votes for names without a class in the set are left out."""
    sums = np.zeros((len(votes), len(label_set.labels)), np.int64)
    for column, label in enumerate(label_set.classes_of(str(name) for name in names)):
        if label is not None:
            sums[:, label_set.index(label)] += votes[:, column]
    return sums
