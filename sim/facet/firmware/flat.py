"""A flat image: the bytes of the flash from its beginning, as a flash programmer writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facet.errors import FacetError
from facet.files import read_file
from facet.firmware.elf import ELF_MAGIC, Firmware, SourceLine, Symbol


class FlatImage:
    """A flat image, which names no functions and no lines.

    Args:
        path: the file.

    Attributes:
        data: its bytes.

    Raises:
        FacetError: not readable.
    """

    symbols: Mapping[str, Symbol] = {}

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = read_file(path)

    def source_line(self, address: int) -> SourceLine:
        """The address itself, since a flat image has no names."""
        return SourceLine(f"{address:#010x}", None, None)


def load(path: Path, machine: str, chip: str) -> Firmware | FlatImage:
    """Reads a firmware: by its first bytes an ELF file or a flat image.

    Args:
        path: the file.
        machine: the ELF machine that the board's chip runs.
        chip: its name, for messages.

    Raises:
        FacetError: not readable, damaged, or for another chip.
    """
    if read_file(path).startswith(ELF_MAGIC):
        return Firmware(path, machine, chip)
    return FlatImage(path)


def refused(image: FlatImage, why: str) -> FacetError:
    """The error for a flat image that the chip would not start.

    Args:
        image: the image.
        why: the reason, as the end of a sentence.
    """
    return FacetError(
        f"{image.path} is not an ELF file, and as the bytes of the flash the chip would not start "
        f"it: {why}; give the .elf of a build, or its flat image"
    )
