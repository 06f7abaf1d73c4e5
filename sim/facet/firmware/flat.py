"""A flat image: the bytes of the flash from its beginning, as a flash programmer writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from facet.errors import FacetError
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
        data = _read(path)
        why = taken.objection(data)
        if why is not None:
            raise FacetError(
                f"{path} is not an ELF file, and as the bytes of the flash the chip would not start "
                f"it: {why}; give the .elf of a build, or its flat image"
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
    if _read(path, len(ELF_MAGIC)) == ELF_MAGIC:
        return Firmware(path, machine, chip)
    return FlatImage(path, flat)


def _read(path: Path, size: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise FacetError(f"cannot read {path}: {error.strerror}") from None
