"""Names of splits: those of ``--split``, and those in folders and files."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from facet.dataset.labels import folded
from facet.errors import FacetError

SPLITS: Final = ("training", "validation", "test", "public", "private")
"""What can be asked for. FER2013 has training, public and private."""

TRAINING: Final = "training"

_SOURCES: Final = {
    "training": ("training",),
    "validation": ("validation", "public"),
    "test": ("test", "private"),
    "public": ("public", "test", "validation"),
    "private": ("private",),
}
"""The split asked for -> the splits of the data that can serve, the best first. FER2013's own
names: PublicTest was for validation, PrivateTest for the final test (Goodfellow et al., "Challenges
in Representation Learning", 2013)."""

_DEFAULT: Final = "public"

_EXACT: Final = {
    spelling: split
    for split, spellings in {
        "training": "train training trainset trainingset traindata trainingdata trn",
        "validation": "val valid validation validate validationset validset valset valdata "
        "validationdata dev devset",
        "test": "test testing tests testset testingset testdata testingdata eval evaluation "
        "holdout heldout",
        "public": "public publictest",
        "private": "private privatetest",
    }.items()
    for spelling in spellings.split()
}
"""A folder's whole name, without case, blanks, ``_``, ``-`` and numbers -> its split."""

_WORDS: Final = frozenset(
    {"train", "training", "val", "valid", "validation", "test", "testing", "publictest"}
    | {"privatetest"}
)
"""Words that name a split as a part of a longer name ("FER2013Valid", "images_train")."""

_FILE_NAME: Final = re.compile(
    r"(train|training|val|valid|validation|test|testing|publictest|privatetest)[\W_]*\d.*", re.I
)
"""``Training_3908.jpg``, ``PrivateTest_10131363.jpg``: names in copies of FER2013, RAF-DB."""

_SPECIFIC: Final = ("public", "private")
"""Splits of a test set: inside a folder "test" they are more specific than that folder."""


@lru_cache(maxsize=4096)
def split_named(name: str) -> tuple[str, bool] | None:
    """The split that a folder's name means; None for other names.

    Returns:
        the split, and whether the name means nothing else ("test", but not "test_data" or
        "FER2013Test", which may as well be the name of a data set); or None.
    """
    whole = re.sub(r"[\W\d_]", "", folded(name))
    if whole in _EXACT:
        return _EXACT[whole], not whole.endswith(("set", "data"))
    found = {_EXACT[word] for word in _words(name) if word in _WORDS}
    return (found.pop(), False) if len(found) == 1 else None


def split_of_file(name: str) -> str | None:
    """The split that a file's name begins with: ``Training_3908.jpg``; or None."""
    match = _FILE_NAME.fullmatch(name)
    return None if match is None else _EXACT[match[1].lower()]


def split_of_folders(folders: Sequence[str]) -> str | None:
    """The split of a path's folders, the outermost first; None if none names a split.

    Raises:
        ValueError: two of them mean different splits.
    """
    named = [found for folder in folders if (found := split_named(folder)) is not None]
    candidates = {split for split, exact in named if exact} or {split for split, _ in named}
    if len(candidates) > 1 and "test" in candidates and candidates & set(_SPECIFIC):
        candidates.discard("test")
    if len(candidates) > 1:
        raise ValueError(" and ".join(sorted(candidates)))
    return candidates.pop() if candidates else None


def chosen_split(asked: str | None, there: Collection[str], where: str, counts: str = "") -> str:
    """Chooses the split of the data that serves for the requested one.

    Args:
        asked: one of ``SPLITS``; None for the default: what tests (public, test or validation).
        there: the splits that the data has.
        where: the data, for messages.
        counts: what is there, for messages; the names of the splits by default.

    Raises:
        FacetError: none of them does. Training data never serves for a test.
    """
    for split in _SOURCES[asked or _DEFAULT]:
        if split in there:
            return split
    has = counts or ", ".join(f"--split {split}" for split in SPLITS if split in there)
    missing = "nothing to test with" if asked is None else f"no split '{asked}'"
    raise FacetError(f"{where}: {missing}; there are: {has or 'none'}")


def check_split(asked: str | None) -> None:
    """Refuses a split that does not exist.

    Raises:
        FacetError: it does not; names those that do.
    """
    if asked is not None and asked not in SPLITS:
        raise FacetError(f"no split '{asked}': choose one of {', '.join(SPLITS)}")


def _words(name: str) -> list[str]:
    """The words of a name, also of ``FER2013Valid`` and ``PublicTest2``, in lower case."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    words = [part.lower() for part in parts]
    pairs = [first + second for first, second in pairwise(words)]
    return [*words, *pairs]
