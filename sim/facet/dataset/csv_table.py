"""A table in a CSV file as other tools write it: any separator, blanks around names, byte order
marks, quotes, either line end."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from facet.dataset.labels import folded
from facet.errors import FacetError
from facet.files import check_regular, reason

_LONGEST_LINE: Final = 1 << 20
"""Characters; a row of FER2013 has some 9,200."""

_SEPARATORS: Final = (",", ";", "\t", "|")

_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Args:
        where: the file and the line, for messages.
        values: by the names of the columns that were asked for; without blanks around.
    """

    where: str
    values: Mapping[str, str]

    def number(self, column: str, largest: int) -> int:
        """A whole number of 0 to `largest` in a column.

        Raises:
            FacetError: it is something else.
        """
        text = self.values[column]
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= largest):
            raise FacetError(
                f"{self.where}, column '{column}': {shortened(text)} is not a number of 0 to "
                f"{largest}"
            )
        return int(text)


def read_rows(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """The rows below the first line, which names the columns.

    Args:
        path: the file.
        required: names of columns, whose case and blanks do not matter.
        optional: names of columns that a row has where the table has them.

    Raises:
        FacetError: the file cannot be read as such a table; the message has line and reason.
    """
    check_regular(path)
    number = 0
    try:
        with path.open(newline="", encoding=_encoding(path)) as file:
            lines = _lines(path, file)
            layout = _layout(path, lines, required, optional)
            reader = csv.reader(lines, delimiter=layout.separator, strict=True)
            for values in reader:
                number = layout.lines + reader.line_num
                if not values:
                    continue
                if len(values) != layout.width:
                    raise FacetError(
                        f"{path}, line {number}: {len(values)} columns, but the first line has "
                        f"{layout.width}"
                    )
                named = {name: values[place].strip() for name, place in layout.places.items()}
                yield Row(f"{path}, line {number}", named)
    except (OSError, UnicodeError, csv.Error) as error:
        place = f"{path}, after line {number}" if number else str(path)
        raise FacetError(f"{place}: cannot be read as CSV ({reason(error)})") from None


def columns_of(path: Path) -> frozenset[str]:
    """The names of the columns (folded) in a file's first line; empty if it is not a table."""
    try:
        with path.open(newline="", encoding=_encoding(path)) as file:
            line = next(_lines(path, file), "")
    except (OSError, UnicodeError, FacetError):
        return frozenset()
    names = (frozenset(map(folded, line.strip().split(s))) for s in _SEPARATORS)
    return max(names, key=len)


def shortened(text: str) -> str:
    """A value for a message: quoted, and cut if it is long."""
    return repr(text if len(text) <= 20 else f"{text[:17]}...")


@dataclass(frozen=True)
class _Layout:
    """The meaning of the first line.

    Args:
        separator: between the columns.
        places: number of each column that was asked for.
        width: how many columns there are.
        lines: up to and with the one that names the columns.
    """

    separator: str
    places: Mapping[str, int]
    width: int
    lines: int


def _layout(
    path: Path, lines: Iterator[str], required: Sequence[str], optional: Sequence[str]
) -> _Layout:
    first, count = next(lines, ""), 1
    if re.fullmatch(r'"?sep=.?"?\s*', first):  # as Excel writes it
        first, count = next(lines, ""), 2
    best: list[str] = []
    for separator in _SEPARATORS:
        names = [name.strip() for name in next(csv.reader([first], delimiter=separator), [])]
        have = [folded(name) for name in names]
        if all(folded(name) in have for name in required):
            wanted = [name for name in (*required, *optional) if folded(name) in have]
            twice = next((name for name in wanted if have.count(folded(name)) > 1), None)
            if twice is not None:
                raise FacetError(f"{path}: two columns '{twice}' in the first line: keep one")
            places = {name: have.index(folded(name)) for name in wanted}
            return _Layout(separator, places, len(names), count)
        best = max(best, names, key=len)
    missing = next(name for name in required if folded(name) not in map(folded, best))
    shown = ", ".join(map(shortened, best[:12])) or "nothing"
    raise FacetError(f"{path}: no column '{missing}' in the first line; it has {shown}")


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """Lines of a bounded length."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise FacetError(
                f"{path}: not a table: a line has {_LONGEST_LINE:,} characters or more"
            )
        yield line


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        beginning = file.read(4)
    return next((name for mark, name in _MARKS if beginning.startswith(mark)), "utf-8-sig")
