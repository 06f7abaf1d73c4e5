"""A flat image: the bytes of the flash from its beginning, as a flash programmer writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from facet.errors import FacetError
from facet.files import read_file
from facet.firmware.elf import ELF_MAGIC, Firmware, Segment, SourceLine, Symbol


@dataclass(frozen=True)
class FlatFormat:
    """What a chip takes for a flat image.

    Attributes:
        address: where its first byte goes.
        objection: why the chip would not start from these bytes; None where it would.
    """

    address: int
    objection: Callable[[bytes], str | None]


class FlatImage:
    """A flat image, which names no functions and no lines.

    Args:
        path: the file.
        taken: what the chip takes for one.

    Raises:
        FacetError: not readable, or nothing that the chip would start.
    """

    symbols: Mapping[str, Symbol] = {}

    def __init__(self, path: Path, taken: FlatFormat) -> None:
        self.path = path
        data = read_file(path)
        why = taken.objection(data)
        if why is not None:
            raise FacetError(
                f"{path} is not an ELF file, and as the bytes of the flash the chip would not "
                f"start it: {why}; give the .elf of a build, or its flat image"
            )
        self.segments = [Segment(taken.address, data)]

    def source_line(self, address: int) -> SourceLine:
        """The address itself, since a flat image has no names."""
        return SourceLine(f"{address:#010x}", None, None)


def load(path: Path, machine: str, chip: str, flat: FlatFormat) -> Firmware | FlatImage:
    """Reads a firmware: by its first bytes an ELF file or a flat image.

    Args:
        path: the file.
        machine: the ELF machine that the board's chip runs.
        chip: its name, for messages.
        flat: what it takes for a flat image.

    Raises:
        FacetError: not readable, damaged, or for another chip.
    """
    if read_file(path).startswith(ELF_MAGIC):
        return Firmware(path, machine, chip)
    return FlatImage(path, flat)
