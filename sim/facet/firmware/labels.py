"""The classes of the model in a firmware."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from facet.files import read_file

_LABELS: Final = "_ZN12model_bundle7kLabelsE"
"""``model_bundle::kLabels``, an array of pointers to C strings (the build's model_bundle.h)."""

_POINTER_BYTES: Final = 4


def labels_in(firmware: Path) -> tuple[str, ...] | None:
    """The classes in the order of the model's outputs; None if the file does not have them.

    Args:
        firmware: an ELF file. Flat images and other firmware do not have the names that are read.
    """
    try:
        return _labels(ELFFile(io.BytesIO(read_file(firmware))))
    except Exception:  # elftools raises a dozen kinds for damaged files
        return None


def _labels(elf: ELFFile) -> tuple[str, ...] | None:
    table = elf.get_section_by_name(".symtab")
    symbols = table.get_symbol_by_name(_LABELS) if isinstance(table, SymbolTableSection) else None
    if not symbols:
        return None
    array = _bytes_at(elf, symbols[0]["st_value"])[: symbols[0]["st_size"]]
    pointers = [
        int.from_bytes(array[i : i + _POINTER_BYTES], "little")
        for i in range(0, len(array), _POINTER_BYTES)
    ]
    return tuple(
        _bytes_at(elf, pointer).partition(b"\0")[0].decode("utf-8", "replace")
        for pointer in pointers
    )


def _bytes_at(elf: ELFFile, address: int) -> bytes:
    """The bytes of the file from an address to the end of its section."""
    for section in elf.iter_sections():
        start = section["sh_addr"]
        if section["sh_type"] == "SHT_PROGBITS" and start <= address < start + section["sh_size"]:
            return bytes(section.data()[address - start :])
    raise ValueError(f"nothing at {address:#x}")
