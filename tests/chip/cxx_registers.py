"""Reads the firmware's register headers: structs of registers, and namespaces of bits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_BASE = re.compile(r"constexpr std::uintptr_t k(\w+)Base = (0x[0-9A-Fa-f]+);")
_COUNT = re.compile(r"constexpr (?:int|std::u?int\d+_t) (k\w+) = (\d+);")
_STRUCT = re.compile(r"struct (\w+)Registers \{(.*?)\};", re.DOTALL)
_MEMBER = re.compile(r"^\s*(?:const )?(volatile )?(?:const )?([\w:]+) (\w+)(?:\[(\w+)\])?;", re.M)
_NAMESPACE = re.compile(r"namespace ([A-Z0-9]+)_([A-Z0-9]+) \{(.*?)\n\}", re.DOTALL)
_BIT = re.compile(r"std::uint32_t (\w+) = ((?:0x[0-9A-Fa-f]+|\d+)U?(?: << \w+)?);")


@dataclass
class Headers:
    """The contents of the headers.

    Attributes:
        bases: instance's name (``Usart2``) -> address.
        structs: struct's name without "Registers" -> register -> offset.
        bits: (peripheral, register) -> constant's name -> value.
    """

    bases: dict[str, int] = field(default_factory=dict)
    structs: dict[str, dict[str, int]] = field(default_factory=dict)
    bits: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)


def read(folder: Path) -> Headers:
    """Reads every header in `folder`."""
    headers = Headers()
    for path in sorted(folder.glob("*.h")):
        text = path.read_text()
        headers.bases |= {name: int(address, 0) for name, address in _BASE.findall(text)}
        counts = {name: int(count) for name, count in _COUNT.findall(text)}
        sizes = {"std::uint32_t": 4, "std::uint16_t": 2, "std::uint8_t": 1}
        for name, body in _STRUCT.findall(text):
            offsets, end = _layout(body, sizes, counts)
            headers.structs[name] = offsets
            sizes[f"{name}Registers"] = end
        for peripheral, register, body in _NAMESPACE.findall(text):
            headers.bits[peripheral, register] = _constants(body)
    return headers


def _layout(body: str, sizes: dict[str, int], counts: dict[str, int]) -> tuple[dict[str, int], int]:
    offsets, end = {}, 0
    for volatile, kind, name, count in _MEMBER.findall(body):
        if volatile and not count:
            offsets[name] = end
        end += sizes[kind] * (counts.get(count) or int(count or "1", 0))
    return offsets, end


def _constants(body: str) -> dict[str, int]:
    values: dict[str, int] = {}
    for name, expression in _BIT.findall(body):
        number, _, shift = expression.replace("U", "").partition(" << ")
        by = values[shift] if shift in values else int(shift or "0", 0)
        values[name] = int(number, 0) << by
    return values
