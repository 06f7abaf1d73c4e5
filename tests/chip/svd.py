"""ST's own register description, STM32L4x6.svd, from the package cmsis-svd."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class SvdRegister:
    """A register: its offset, and its fields as name -> (highest bit, lowest bit)."""

    offset: int
    fields: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class SvdPeripheral:
    """A peripheral: its base address and its registers by name."""

    base: int
    registers: dict[str, SvdRegister]


def svd_file() -> Path | None:
    """The path of the file; None if the package is not installed."""
    package = find_spec("cmsis_svd")
    if package is None or not package.submodule_search_locations:
        return None
    path = Path(package.submodule_search_locations[0]) / "data" / "STMicro" / "STM32L4x6.svd"
    return path if path.exists() else None


def _text(element: ET.Element, tag: str) -> str:
    text = element.findtext(tag)
    assert text is not None, tag
    return text.strip()


def _register(element: ET.Element) -> SvdRegister:
    fields = {}
    for field in element.iter("field"):
        low = int(_text(field, "bitOffset"))
        fields[_text(field, "name")] = (low + int(_text(field, "bitWidth")) - 1, low)
    return SvdRegister(int(_text(element, "addressOffset"), 0), fields)


@cache
def peripherals() -> dict[str, SvdPeripheral]:
    """All peripherals of the STM32L4x6, those derived from another one filled in."""
    path = svd_file()
    assert path is not None
    found: dict[str, SvdPeripheral] = {}
    for element in ET.parse(path).getroot().iter("peripheral"):
        origin = element.get("derivedFrom")
        registers = {_text(r, "name"): _register(r) for r in element.iter("register")}
        if origin is not None:
            registers = found[origin].registers
        base = int(_text(element, "baseAddress"), 0)
        found[_text(element, "name")] = SvdPeripheral(base, registers)
    return found
