"""Names that negate a label: "not happy", "unhappy", "non-neutral"."""

from __future__ import annotations

import difflib
import re
from typing import Final

_WORDS: Final = frozenset(
    {
        *("not", "non", "un", "without", "never", "neither", "nor", "isnt", "isn", "arent", "aren"),
        *("nicht", "kein", "keine", "ohne", "sans"),
    }
)
"""Words that negate what follows them."""

_PREFIXES: Final = ("not", "non", "un", "no", "dis", "in", "im", "anti")

_NO: Final = re.compile(r"(?<![a-z])no[\W_]+[a-z]", re.IGNORECASE)
""""no smile"; "no_12" is a number."""


def is_negated(name: str) -> bool:
    """Whether a word of the name negates the others."""
    words = re.findall(r"[a-z]+", name.lower())
    return bool(_WORDS & set(words[:-1])) or _NO.search(name) is not None


def are_opposite(name: str, label: str) -> bool:
    """Whether one is the other with a prefix that negates it: "unhappy" and "happy"."""
    return _negates(name, label) or _negates(label, name)


def _negates(name: str, label: str) -> bool:
    rests = (name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix))
    as_it_is = _likeness(name, label)
    return any(_likeness(rest, label) > as_it_is for rest in rests)


def _likeness(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first, second).ratio()
