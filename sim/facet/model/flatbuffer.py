"""A reader of FlatBuffers files that checks every offset before it follows it.

The format: https://flatbuffers.dev/internals. A table begins with the distance back to its vtable;
the vtable holds, for each field, its place in the table, or 0.

PyPI's `flatbuffers` reads tables as well, but its Python part has no verifier: a damaged file ends
in a struct.error, or in a loop over 2^32 elements. The firmware reads a model without any checks,
so that all of them happen here: bounds, and the alignment that a 32-bit core needs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass


class FlatbufferError(Exception):
    """An offset that leads out of the file, or a value at an address that is not aligned."""


@dataclass(frozen=True)
class Buffer:
    """The bytes of a whole file."""

    data: bytes

    def unpack(self, code: str, position: int) -> int | float:
        """One little-endian number.

        Args:
            code: its `struct` code.
            position: of its first byte, from the file's start.

        Raises:
            FlatbufferError: it lies outside of the file, or is not aligned to its size.
        """
        size = struct.calcsize("<" + code)
        if position < 0 or position + size > len(self.data):
            raise FlatbufferError(f"offset {position} lies outside of {len(self.data)} bytes")
        if position % size:
            raise FlatbufferError(f"the {8 * size}-bit number at offset {position} is not aligned")
        value: int | float = struct.unpack_from("<" + code, self.data, position)[0]
        return value

    def integer(self, code: str, position: int) -> int:
        """One integer; arguments and errors as of `unpack`."""
        return int(self.unpack(code, position))

    def root(self) -> Table:
        """The file's root table."""
        return Table(self, self.integer("I", 0))

    def identifier(self) -> bytes:
        """The four bytes that name the schema."""
        return self.data[4:8]


@dataclass(frozen=True)
class Table:
    """One table; its fields go by their number in the schema.

    All methods raise FlatbufferError where an offset leads out of the file.
    """

    buffer: Buffer
    position: int

    def place(self, number: int) -> int | None:
        """The position of a field in the file; None if absent."""
        vtable = self.position - self.buffer.integer("i", self.position)
        entry = 4 + 2 * number
        if entry >= self.buffer.integer("H", vtable):
            return None  # written by a schema that did not have the field yet
        offset = self.buffer.integer("H", vtable + entry)
        return self.position + offset if offset else None

    def has(self, number: int) -> bool:
        """Whether the file holds the field."""
        return self.place(number) is not None

    def integer(self, number: int, code: str, default: int = 0) -> int:
        """An integer field by its `struct` code."""
        place = self.place(number)
        return default if place is None else self.buffer.integer(code, place)

    def real(self, number: int, default: float = 0.0) -> float:
        """A field of type float."""
        place = self.place(number)
        return default if place is None else float(self.buffer.unpack("f", place))

    def table(self, number: int) -> Table | None:
        """A table inside; None if absent."""
        place = self.place(number)
        return None if place is None else Table(self.buffer, self._follow(place))

    def text(self, number: int) -> str:
        """A string; empty if absent."""
        return self.blob(number).decode("utf-8", "replace")

    def blob(self, number: int) -> bytes:
        """A vector of bytes; empty if absent."""
        vector = self.vector(number)
        return b"" if vector is None else self._slice(*vector)

    def numbers(self, number: int, code: str) -> list[int | float]:
        """A vector of scalars by their `struct` code; empty if absent."""
        vector = self.vector(number)
        if vector is None:
            return []
        start, length = vector
        size = struct.calcsize("<" + code)
        self.check_vector(number, size)
        content = self._slice(start, length * size)
        return list(struct.unpack(f"<{length}{code}", content))

    def integers(self, number: int, code: str) -> list[int]:
        """A vector of integers by their `struct` code; empty if absent."""
        return [int(value) for value in self.numbers(number, code)]

    def tables(self, number: int) -> Iterator[Table]:
        """A vector of tables; empty if absent."""
        vector = self.vector(number)
        if vector is not None:
            start, length = vector
            self._slice(start, 4 * length)
            for i in range(length):
                yield Table(self.buffer, self._follow(start + 4 * i))

    def vector(self, number: int) -> tuple[int, int] | None:
        """The position of a vector's first element and the number of elements; None if absent."""
        place = self.place(number)
        if place is None:
            return None
        position = self._follow(place)
        return position + 4, self.buffer.integer("I", position)

    def check_vector(self, number: int, size: int, terminated: bool = False) -> None:
        """Makes sure that a vector of scalars lies inside of the file, and is aligned.

        Args:
            number: of the field, which must be there.
            size: of an element, in bytes.
            terminated: a zero follows, as it does behind a string.
        """
        vector = self.vector(number)
        if vector is None:
            return
        start, length = vector
        self._slice(start, length * size + terminated)
        if length and start % size:
            raise FlatbufferError(f"the {8 * size}-bit numbers at offset {start} are not aligned")
        if terminated and self.buffer.data[start + length]:
            raise FlatbufferError(f"the text at offset {start} has no end")

    def _follow(self, place: int) -> int:
        return place + self.buffer.integer("I", place)

    def _slice(self, start: int, length: int) -> bytes:
        if start + length > len(self.buffer.data):
            raise FlatbufferError(f"a vector ends at {start + length}, past the end of the file")
        return self.buffer.data[start : start + length]
