"""Read FlatBuffers tables, every offset checked against the file's end.

The format: https://flatbuffers.dev/internals. A table begins with the distance back to its vtable;
the vtable holds, for each field, its place in the table, or 0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass


class FlatbufferError(Exception):
    """An offset that leads out of the file."""


@dataclass(frozen=True)
class Buffer:
    """The bytes of a whole file."""

    data: bytes

    def unpack(self, code: str, position: int) -> int | float:
        """One little-endian number at `position`, by its `struct` code."""
        size = struct.calcsize("<" + code)
        if position < 0 or position + size > len(self.data):
            raise FlatbufferError(f"offset {position} lies outside of {len(self.data)} bytes")
        value: int | float = struct.unpack_from("<" + code, self.data, position)[0]
        return value

    def integer(self, code: str, position: int) -> int:
        """The same for an integer code."""
        return int(self.unpack(code, position))

    def root(self) -> Table:
        """The table that the file is."""
        return Table(self, self.integer("I", 0))

    def identifier(self) -> bytes:
        """The four bytes that name the schema."""
        return self.data[4:8]


@dataclass(frozen=True)
class Table:
    """One table; fields go by their number in the schema."""

    buffer: Buffer
    position: int

    def _field(self, number: int) -> int | None:
        vtable = self.position - self.buffer.integer("i", self.position)
        entry = 4 + 2 * number
        if entry >= self.buffer.integer("H", vtable):
            return None  # written by a schema that did not know the field yet
        offset = self.buffer.integer("H", vtable + entry)
        return self.position + offset if offset else None

    def integer(self, number: int, code: str, default: int = 0) -> int:
        """A scalar field by its `struct` code."""
        place = self._field(number)
        return default if place is None else self.buffer.integer(code, place)

    def real(self, number: int, default: float = 0.0) -> float:
        """A scalar field of type float."""
        place = self._field(number)
        return default if place is None else float(self.buffer.unpack("f", place))

    def table(self, number: int) -> Table | None:
        """A table inside; None if absent."""
        place = self._field(number)
        return None if place is None else Table(self.buffer, self._follow(place))

    def text(self, number: int) -> str:
        """A string; empty if absent."""
        vector = self._vector(number)
        if vector is None:
            return ""
        start, length = vector
        return self._slice(start, length).decode("utf-8", "replace")

    def blob(self, number: int) -> bytes:
        """A vector of bytes; empty if absent."""
        vector = self._vector(number)
        return b"" if vector is None else self._slice(*vector)

    def numbers(self, number: int, code: str) -> list[int | float]:
        """A vector of scalars; empty if absent."""
        vector = self._vector(number)
        if vector is None:
            return []
        start, length = vector
        size = struct.calcsize("<" + code)
        self._slice(start, length * size)
        return [self.buffer.unpack(code, start + size * i) for i in range(length)]

    def integers(self, number: int, code: str) -> list[int]:
        """A vector of integers; empty if absent."""
        return [int(value) for value in self.numbers(number, code)]

    def tables(self, number: int) -> Iterator[Table]:
        """A vector of tables; empty if absent."""
        vector = self._vector(number)
        if vector is not None:
            start, length = vector
            for i in range(length):
                yield Table(self.buffer, self._follow(start + 4 * i))

    def _follow(self, place: int) -> int:
        return place + self.buffer.integer("I", place)

    def _vector(self, number: int) -> tuple[int, int] | None:
        place = self._field(number)
        if place is None:
            return None
        position = self._follow(place)
        return position + 4, self.buffer.integer("I", position)

    def _slice(self, start: int, length: int) -> bytes:
        if start + length > len(self.buffer.data):
            raise FlatbufferError(f"a vector ends at {start + length}, past the end of the file")
        return self.buffer.data[start : start + length]
