"""Reads MessagePack (msgpack.org), as far as CMEmu's dumps use it: no extension types."""

from __future__ import annotations

from typing import Any

from facet.errors import FacetError


def unpack(data: bytes) -> Any:
    """The value that `data` holds.

    Raises:
        FacetError: it ends early or has a type that is not read here.
    """
    try:
        value, _ = _value(data, 0)
    except IndexError:
        raise FacetError("a MessagePack value ends early") from None
    return value


def _number(data: bytes, at: int, size: int, signed: bool = False) -> int:
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big", signed=signed)


def _value(data: bytes, at: int) -> tuple[Any, int]:
    tag = data[at]
    at += 1
    if tag < 0x80:
        return tag, at
    if tag >= 0xE0:
        return tag - 0x100, at
    if tag < 0x90:
        return _map(data, at, tag & 15)
    if tag < 0xA0:
        return _array(data, at, tag & 15)
    if tag < 0xC0:
        return _text(data, at, tag & 31)
    if tag in (0xC0, 0xC2, 0xC3):
        return (None, None, False, True)[tag - 0xC0], at
    if 0xCC <= tag <= 0xD3:
        size = 1 << (tag - 0xCC) % 4
        return _number(data, at, size, signed=tag >= 0xD0), at + size
    for first, width, read in (
        (0xC4, 1, _bytes),
        (0xD9, 1, _text),
        (0xDC, 2, _array),
        (0xDE, 2, _map),
    ):
        last = first + (2 if width == 1 else 1)
        if first <= tag <= last:
            size = width << (tag - first)
            return read(data, at + size, _number(data, at, size))
    raise FacetError(f"a MessagePack type that is not read here: {tag:#x}")


def _bytes(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(data):
        raise IndexError
    return data[at : at + size], at + size


def _text(data: bytes, at: int, size: int) -> tuple[str, int]:
    raw, at = _bytes(data, at, size)
    return raw.decode(), at


def _array(data: bytes, at: int, size: int) -> tuple[list[Any], int]:
    values = []
    for _ in range(size):
        value, at = _value(data, at)
        values.append(value)
    return values, at


def _map(data: bytes, at: int, size: int) -> tuple[dict[Any, Any], int]:
    values = {}
    for _ in range(size):
        key, at = _value(data, at)
        values[key], at = _value(data, at)
    return values, at
