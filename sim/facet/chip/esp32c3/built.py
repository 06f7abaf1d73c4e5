"""Programs for the ESP32-C3 that are part of the package: built here once, held to their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO

from elftools.elf.elffile import ELFFile

from facet.errors import FacetError


@dataclass(frozen=True)
class Program:
    """A linked program.

    Attributes:
        contents: address -> the bytes that lie from there on.
        entry: address of its first instruction.
    """

    contents: dict[int, bytes]
    entry: int


def record(package: str, name: str) -> dict[str, str]:
    """What NAME.txt says of NAME.elf: its hash and what it was built with."""
    text = resources.files(package).joinpath(f"{name}.txt").read_text()
    return dict(line.split(": ", 1) for line in text.splitlines())


@cache
def program(package: str, name: str) -> Program:
    """Reads NAME.elf of a package.

    Raises:
        FacetError: it is not the file that NAME.txt describes.
    """
    data = resources.files(package).joinpath(f"{name}.elf").read_bytes()
    if hashlib.sha256(data).hexdigest() != record(package, name)["sha256"]:
        raise FacetError(
            f"{name}.elf of {package} is not what {name}.txt says: install Facet again, or build "
            "it with python -m facet.chip.esp32c3.build"
        )
    elf = ELFFile(BytesIO(data))
    contents = {
        segment["p_vaddr"]: segment.data()
        for segment in elf.iter_segments("PT_LOAD")
        if segment["p_filesz"]
    }
    return Program(contents, elf.header["e_entry"])
