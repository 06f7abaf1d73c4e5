"""A FlatBuffers file in which equal parts stand once.

A table or vector may be pointed to from several places: readers only ever follow offsets
(https://flatbuffers.dev/internals). The usual builders do so for vtables alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Node: TypeAlias = int
"""A part of the file that is being packed, from 1; 0 stands for none."""

_CODES: Final = {
    "Bool": "?",
    "Int8": "b",
    "Uint8": "B",
    "Int16": "h",
    "Uint16": "H",
    "Int32": "i",
    "Uint32": "I",
    "Int64": "q",
    "Uint64": "Q",
    "Float32": "f",
    "Float64": "d",
}
"""Builder's names of scalars -> ``struct`` codes."""

_OFFSET_BYTES: Final = 4
_DATA_ALIGNMENT: Final = 16
"""Of vectors of bytes: a tensor's data (``force_align: 16`` in TFLite's schema)."""


@dataclass(frozen=True)
class _Vector:
    """Length, then scalars, or the characters of a string with a zero after them."""

    count: int
    content: bytes
    alignment: int


@dataclass(frozen=True)
class _References:
    """Length, then offsets to other parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class _Table:
    """Fields by slot: scalars in bytes, and offsets to other parts."""

    scalars: tuple[tuple[int, bytes], ...]
    parts: tuple[tuple[int, Node], ...]


_Part: TypeAlias = _Vector | _References | _Table


class SharingBuilder:
    """Stands in for ``flatbuffers.Builder`` where generated code packs an object.

    It has the methods that generated ``Pack`` functions call, under Builder's names, and keeps
    what they say as a graph of parts; ``file`` lays the graph out.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._known: dict[_Part, Node] = {}
        self._scalars: list[tuple[int, bytes]] = []
        self._references: list[tuple[int, Node]] = []
        self._elements: list[bytes | Node] = []
        self._alignment = 1

    def __getattr__(self, name: str) -> Any:
        """PrependInt32 and the like, for each kind of scalar."""
        match = re.fullmatch(r"Prepend([A-Z][a-z]+\d*)(Slot)?", name)
        code = _CODES.get(match[1]) if match else None
        if match is None or code is None:
            raise AttributeError(f"flatbuffers.Builder's {name} is not among those known here")
        return self._scalar_slot(code) if match[2] else self._scalar_element(code)

    def _scalar_slot(self, code: str) -> Any:
        def prepend(slot: int, value: Any, default: Any) -> None:
            if value != default:
                self._scalars.append((slot, struct.pack(f"<{code}", value)))

        return prepend

    def _scalar_element(self, code: str) -> Any:
        return lambda value: self._elements.append(struct.pack(f"<{code}", value))

    def StartObject(self, slots: int) -> None:
        """Begins a table."""
        self._scalars, self._references = [], []

    def PrependUOffsetTRelativeSlot(self, slot: int, part: Node, default: Node) -> None:
        """A field that points to a part."""
        if part != default:
            self._references.append((slot, part))

    def EndObject(self) -> Node:
        """The table."""
        return self._node(_Table(tuple(sorted(self._scalars)), tuple(sorted(self._references))))

    def StartVector(self, size: int, count: int, alignment: int) -> None:
        """Begins a vector; its elements come last to first."""
        self._elements, self._alignment = [], alignment

    def PrependUOffsetTRelative(self, part: Node) -> None:
        """An element that points to a part."""
        self._elements.append(part)

    def EndVector(self) -> Node:
        """The vector."""
        elements = self._elements[::-1]
        if any(isinstance(element, int) for element in elements):
            return self._node(_References(tuple(e for e in elements if isinstance(e, int))))
        content = b"".join(e for e in elements if isinstance(e, bytes))
        return self._node(_Vector(len(elements), content, self._alignment))

    def CreateNumpyVector(self, values: npt.NDArray[Any]) -> Node:
        """A vector of scalars."""
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        alignment = _DATA_ALIGNMENT if values.dtype == np.uint8 else values.dtype.itemsize
        return self._node(_Vector(len(values), little.tobytes(), alignment))

    def CreateString(self, text: str | bytes) -> Node:
        """A string."""
        data = text.encode() if isinstance(text, str) else bytes(text)
        return self._node(_Vector(len(data), data + b"\0", 1))

    def _node(self, part: _Part) -> Node:
        if part not in self._known:
            self._parts.append(part)
            self._known[part] = len(self._parts)
        return self._known[part]

    def file(self, root: Node, identifier: bytes) -> bytes:
        """The whole file, the same bytes for the same content.

        Args:
            root: the table that the file is.
            identifier: four bytes that name the schema.
        """
        order = self._parents_first(root)
        vtables: dict[bytes, int] = {}
        end = 2 * _OFFSET_BYTES
        for node in order:
            part = self._parts[node - 1]
            if isinstance(part, _Table):
                vtable = _shape(part).vtable
                if vtable not in vtables:
                    vtables[vtable] = end
                    end += len(vtable)
        places: dict[Node, int] = {}
        for node in order:
            part = self._parts[node - 1]
            # The length before a vector's elements is not part of what is aligned.
            lead = 0 if isinstance(part, _Table) else _OFFSET_BYTES
            alignment = max(_OFFSET_BYTES, _alignment(part))
            places[node] = -(-(end + lead) // alignment) * alignment - lead
            end = places[node] + _size(part)
        out = bytearray(end)
        struct.pack_into("<I4s", out, 0, places[root], identifier)
        for vtable, place in vtables.items():
            out[place : place + len(vtable)] = vtable
        for node in order:
            _write(out, self._parts[node - 1], places[node], places, vtables)
        return bytes(out)

    def _parents_first(self, root: Node) -> list[Node]:
        """Parts that the root leads to; offsets lead forward only, so parents come first."""
        children_first: list[Node] = []
        seen: set[Node] = set()

        def visit(node: Node) -> None:
            seen.add(node)
            for child in reversed(_children(self._parts[node - 1])):
                if child not in seen:
                    visit(child)
            children_first.append(node)

        visit(root)
        return children_first[::-1]


@dataclass(frozen=True)
class _Shape:
    """Where a table's fields stand, from its start."""

    offset_by_slot: dict[int, int]
    size: int
    alignment: int

    @property
    def vtable(self) -> bytes:
        """Its own size, the table's size, then for each slot the field's place, 0 for none."""
        slots = max(self.offset_by_slot, default=-1) + 1
        places = [self.offset_by_slot.get(slot, 0) for slot in range(slots)]
        return struct.pack(f"<{2 + slots}H", 4 + 2 * slots, self.size, *places)


def _shape(table: _Table) -> _Shape:
    sizes = {slot: len(data) for slot, data in table.scalars}
    sizes |= {slot: _OFFSET_BYTES for slot, _ in table.parts}
    end, places = _OFFSET_BYTES, {}  # a table begins with the way to its vtable
    for slot in sorted(sizes, key=lambda slot: (-sizes[slot], slot)):
        end = -(-end // sizes[slot]) * sizes[slot]
        places[slot] = end
        end += sizes[slot]
    return _Shape(places, end, max([_OFFSET_BYTES, *sizes.values()]))


def _children(part: _Part) -> Sequence[Node]:
    match part:
        case _Table():
            return [node for _, node in part.parts]
        case _References():
            return part.parts
        case _:
            return ()


def _alignment(part: _Part) -> int:
    match part:
        case _Table():
            return _shape(part).alignment
        case _References():
            return _OFFSET_BYTES
        case _:
            return part.alignment if part.count else 1


def _size(part: _Part) -> int:
    match part:
        case _Table():
            return _shape(part).size
        case _References():
            return _OFFSET_BYTES * (1 + len(part.parts))
        case _:
            return _OFFSET_BYTES + len(part.content)


def _write(
    out: bytearray, part: _Part, place: int, places: dict[Node, int], vtables: dict[bytes, int]
) -> None:
    match part:
        case _Table():
            shape = _shape(part)
            struct.pack_into("<i", out, place, place - vtables[shape.vtable])
            for slot, data in part.scalars:
                field = place + shape.offset_by_slot[slot]
                out[field : field + len(data)] = data
            for slot, node in part.parts:
                field = place + shape.offset_by_slot[slot]
                struct.pack_into("<I", out, field, places[node] - field)
        case _References():
            struct.pack_into("<I", out, place, len(part.parts))
            for field, node in enumerate(part.parts, start=1):
                at = place + _OFFSET_BYTES * field
                struct.pack_into("<I", out, at, places[node] - at)
        case _:
            struct.pack_into("<I", out, place, part.count)
            at = place + _OFFSET_BYTES
            out[at : at + len(part.content)] = part.content
