"""GNU ld's map files: which object file each piece of the memory comes from.

The form: GNU ld manual, option -Map; its parts are those of `lang_map` in binutils' ldlang.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from facet.errors import FacetError
from facet.files import read_file

_BEGIN: Final = "Linker script and memory map"
_RANGE: Final = r" +0x(?P<at>[0-9a-f]+) +0x(?P<size>[0-9a-f]+)"
_PIECE: Final = re.compile(rf"^ (?P<section>\S+)?{_RANGE} (?P<file>\S.*)$")
_NAME: Final = re.compile(r"^ (?P<section>[^\s*]\S*)$")
_CONTINUED: Final = re.compile(rf"^ {{15}}{_RANGE} (?P<file>\S.*)$")
_SECTION: Final = re.compile(rf"^(?P<section>\.\S+){_RANGE}")
_MEMBER: Final = re.compile(r"^(?P<archive>.+)\((?P<object>[^()]+)\)$")


@dataclass(frozen=True)
class Piece:
    """Bytes that an object file put into the program.

    Attributes:
        address, size: of them.
        section: of the object file, as ``.text.main``.
        archive: the library that holds the object file; empty for none.
        object: the object file's name.
    """

    address: int
    size: int
    section: str
    archive: str
    object: str


@dataclass(frozen=True)
class LinkerMap:
    """A map file.

    Attributes:
        path: the file.
        pieces: what the object files put into the program.
        sections: address and size of the program's sections by name.
    """

    path: Path
    pieces: list[Piece]
    sections: dict[str, tuple[int, int]]


def read_map(path: Path) -> LinkerMap:
    """Reads a map file.

    Raises:
        FacetError: it cannot be read, or GNU ld did not write it.
    """
    text = read_file(path).decode(errors="replace")
    _, found, rest = text.partition(_BEGIN)
    if not found:
        raise FacetError(
            f"{path} is not a map of GNU ld (no line {_BEGIN!r}): link with -Wl,-Map=FILE"
        )
    lines = rest.splitlines()
    sections = {
        found["section"]: (int(found["at"], 16), int(found["size"], 16))
        for found in map(_SECTION.match, lines)
        if found
    }
    return LinkerMap(path, _pieces(lines), sections)


def _pieces(lines: list[str]) -> list[Piece]:
    pieces = []
    section = ""
    for line in lines:
        name = _NAME.match(line)
        if name:  # a long name stands on a line of its own
            section = name["section"]
            continue
        piece = _CONTINUED.match(line) if section else None
        piece = piece or _PIECE.match(line)
        if piece:
            named = piece.groupdict().get("section") or section
            size = int(piece["size"], 16)
            if size and named:
                pieces.append(Piece(int(piece["at"], 16), size, named, *_file(piece["file"])))
        section = ""
    return pieces


def _file(text: str) -> tuple[str, str]:
    """The archive and the object of a file as the map names it; folders are left out."""
    member = _MEMBER.match(text)
    if member:
        return PurePosixPath(member["archive"]).name, member["object"]
    return "", PurePosixPath(text).name
