"""How much a profile may cost more than its baseline."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from facet.errors import FacetError
from facet.files import read_file
from facet.text import brief

KINDS: Final = ("total", "phase", "operator", "function", "memory", "stack", "accuracy")
"""What can be compared; the sections of a file of limits."""

IGNORED: Final = "ignore"
_PERCENT: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")
_HOW: Final = 'write "2%" for a growth, a number for the most, or "ignore"'


@dataclass(frozen=True)
class Limit:
    """A limit of one value.

    Attributes:
        growth: the largest growth against the baseline, as a share of it; None for any.
        most: the largest value; None for any.
    """

    growth: float | None = None
    most: float | None = None

    @property
    def text(self) -> str:
        """The limit for people: ``+2 %``, ``at most 4,096``."""
        if self.growth is not None:
            return f"+{100 * self.growth:g} %"
        return f"at most {self.most:,g}" if self.most is not None else "none"


@dataclass(frozen=True)
class Limits:
    """The limits of a comparison.

    Attributes:
        growth: what holds where nothing else is said.
        named: by kind and name.
    """

    growth: float
    named: Mapping[tuple[str, str], Limit] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> Limit:
        """The limit of a value."""
        return self.named.get((kind, name)) or self.named.get((kind, "*")) or Limit(self.growth)


def parse_growth(text: str) -> float:
    """A growth such as ``2%`` as a share.

    Raises:
        ValueError: it is something else.
    """
    found = _PERCENT.match(text)
    if not found:
        raise ValueError(f"{text!r} is not a growth in percent, such as 2%")
    return float(found[1]) / 100


def read_limits(path: Path, growth: float) -> Limits:
    """Reads a file of limits.

    Args:
        path: a TOML file: ``max_regress``, and tables named as in `KINDS`.
        growth: what holds where the file has no ``max_regress``.

    Raises:
        FacetError: it cannot be read, or says something else; names the place.
    """
    try:
        data = tomllib.loads(read_file(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FacetError(f"{path} is not a TOML file ({brief(error)})") from None
    named: dict[tuple[str, str], Limit] = {}
    for key, value in data.items():
        if key == "max_regress":
            limit = _limit(value, f"{path}: max_regress")
            if limit.growth is None:
                raise FacetError(f'{path}: max_regress is a growth: write "2%"')
            growth = limit.growth
        elif key in KINDS and isinstance(value, dict):
            for name, text in value.items():
                named[key, name] = _limit(text, f"{path}: [{key}] {name}")
        else:
            raise FacetError(
                f"{path} has {key!r}: there are max_regress and the tables {', '.join(KINDS)}"
            )
    return Limits(growth, named)


def _limit(value: Any, where: str) -> Limit:
    if isinstance(value, bool):
        raise FacetError(f"{where} is {value}: {_HOW}")
    if isinstance(value, int | float) and 0 <= value < math.inf:
        return Limit(most=float(value))
    if value == IGNORED:
        return Limit()
    try:
        return Limit(growth=parse_growth(str(value)))
    except ValueError:
        raise FacetError(f"{where} is {value!r}: {_HOW}") from None
