"""The option ``--labels``: the meaning of folder names that are not labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from facet.dataset.labels import FER_NAMES, LABEL_SETS, LabelSet, folded, label_set_of
from facet.errors import FacetError

_RAF_DB: Final = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
"""RAF-DB's basic emotions 1 to 7 (its list_patition_label.txt and README)."""

_KNOWN_NUMBERS: Final[Mapping[str, Mapping[int, str]]] = {
    "raf-db": dict(enumerate(_RAF_DB, 1)),
    "fer2013": dict(enumerate(FER_NAMES)),
}
"""Data sets with numbered labels, by their names in ``--labels``."""

_NUMBER: Final = re.compile(r"[+\-\N{MINUS SIGN}]?[0-9]{1,9}")

EXAMPLE: Final = "--labels surprise,fear,disgust or --labels 1=surprise,2=fear"


@dataclass(frozen=True)
class FolderNames:
    """The meaning of folder names.

    Args:
        text: as it was given.
        by_name: label by folder name (folded).
        in_order: labels of numbered folders, the lowest number first.
    """

    text: str = ""
    by_name: Mapping[str, str] = field(default_factory=dict)
    in_order: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FolderNames:
        """Reads ``--labels``.

        Args:
            text: ``a,b,c``: the labels, and what numbered folders mean in their order; or
                ``folder=label,...``; or a label set ("five"); or a data set whose numbers are known
                ("raf-db", "fer2013").

        Raises:
            FacetError: it is none of these.
        """
        if text in LABEL_SETS:
            return cls(text, in_order=LABEL_SETS[text].labels)
        if text.lower() in _KNOWN_NUMBERS:
            numbers = _KNOWN_NUMBERS[text.lower()]
            return cls(text, {_key(str(number)): label for number, label in numbers.items()})
        parts = [part.strip() for part in text.split(",")]
        if not all(parts):
            raise FacetError(f"--labels {text}: a name is empty; write for example {EXAMPLE}")
        if not any("=" in part for part in parts):
            _check(text, parts)
            return cls(text, in_order=tuple(parts))
        by_name: dict[str, str] = {}
        for part in parts:
            folder, equals, label = (word.strip() for word in part.partition("="))
            if not (folder and equals and label) or _key(folder) in by_name:
                raise FacetError(
                    f"--labels {text}: {part!r} must be folder=label, each folder once, for "
                    "example 1=surprise,2=fear"
                )
            by_name[_key(folder)] = label
        _check(text, list(dict.fromkeys(by_name.values())))
        return cls(text, by_name)

    @property
    def label_set(self) -> LabelSet:
        """The classes that it names, for a data set without a model."""
        if self.text in LABEL_SETS:
            return LABEL_SETS[self.text]
        return label_set_of(tuple(dict.fromkeys(self.in_order or self.by_name.values())))

    def for_folders(self, folders: Collection[str]) -> FolderNames:
        """The meaning with the numbered ones of these folders in their order.

        Raises:
            FacetError: more numbers than labels, or the order does not assign them.
        """
        numbers = sorted({number_of(name) for name in folders if is_number(name)})
        if not self.in_order or not numbers or self.text in LABEL_SETS:
            return self
        count = len(self.in_order)
        starts = [first for first in (0, 1) if first <= numbers[0] and numbers[-1] < first + count]
        if numbers[0] < 0 and numbers == list(range(numbers[0], numbers[0] + count)):
            starts = [numbers[0]]
        if len(starts) != 1:
            shown = ", ".join(map(str, numbers[:12]))
            why = "may be counted from 0 or from 1" if starts else "are not in that order"
            raise FacetError(
                f"--labels {self.text}: the folders {shown} {why}; write "
                f"{numbers[0]}={self.in_order[0]},..."
            )
        by_number = {_key(str(n)): label for n, label in enumerate(self.in_order, starts[0])}
        return FolderNames(self.text, by_number)

    def has(self, folder: str) -> bool:
        """Whether it gives a folder's name a meaning."""
        return _key(folder) in self.by_name

    def unused(self, found: Collection[str]) -> list[str]:
        """The explicit names (``folder=label``) that are not among those found."""
        if "=" not in self.text:
            return []
        there = {_key(name) for name in found}
        asked = (part.partition("=")[0].strip() for part in self.text.split(","))
        return [name for name in asked if _key(name) not in there]

    def label_of(self, folder: str) -> str:
        """The label of a folder's name: by default the name itself."""
        return self.by_name.get(_key(folder), folder)


def is_number(folder: str) -> bool:
    """Whether a folder's name is a whole number, with or without a sign."""
    return _NUMBER.fullmatch(folder) is not None


def number_of(folder: str) -> int:
    """The value of a name that is a number (``is_number``)."""
    return int(folder.replace("\N{MINUS SIGN}", "-"))


def _key(folder: str) -> str:
    """A name as it is looked up; that of a number differs from that of every other name."""
    return f"#{number_of(folder)}" if is_number(folder) else folded(folder)


def _check(text: str, labels: Sequence[str]) -> None:
    try:
        label_set_of(labels)
    except FacetError as error:
        raise FacetError(f"--labels {text}: {error}") from None
