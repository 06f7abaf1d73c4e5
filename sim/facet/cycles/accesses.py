"""Where a block's loads and stores go, in terms of the registers when the block begins.

A block is described once and runs many times. An access whose address is the sum of registers as
they were at the block's begin and a constant can be followed in every run without stopping there;
so can a constant address, and one through a pointer that memory held when the block began.

FIDELITY:
    model: An access is not followed through a register that the block computes in another way or
        that a conditional instruction changes. A pointer in memory has its value at the begin of
        the block.
    silicon: The core waits for all accesses that read flash or are unaligned.
    hides: The waits of these accesses: 135 of the 205,882 first reads of a 64-bit word in an
        inference of facet-small.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

NO_REGISTER = 0xFF
_GROUP = struct.Struct("<BBBBiI4BI")  # cycle_model.h, AccessGroup
_LOAD = struct.Struct("<iHHBBxx")  # Load
_POINTER = struct.Struct("<Ii")  # Pointer
_FIRST_POINTER = 64  # numbers of registers lie below
_MOST_POINTERS = 64
_MOST_LOADS = 255
_MOST_GROUPS = 63  # with a memory of its own; one for all others (cycle_model.h, OTHER_GROUP)
_WORD = 0xFFFF_FFFF
_Key = tuple[int | None, int | None, int]  # of a group: base, index, shift
_ELSEWHERE: _Key = (None, None, -1)


@dataclass(frozen=True)
class Address:
    """A sum: register `base`, register `index` shifted left, and `offset`; None for no register.

    A number from 64 on is that of a pointer that the block loads.
    """

    base: int | None
    index: int | None = None
    shift: int = 0
    offset: int = 0

    def plus(self, offset: int) -> Address:
        """The address `offset` bytes on."""
        return Address(self.base, self.index, self.shift, (self.offset + offset) & _WORD)

    @property
    def constant(self) -> int | None:
        """The address itself where no register is in it."""
        return self.offset if self.base is None and self.index is None else None


def total(first: Address | None, second: Address | None) -> Address | None:
    """The sum of two; None where it needs more than two registers."""
    if first is None or second is None:
        return None
    offset = first.offset + second.offset & _WORD
    plain = [a.base for a in (first, second) if a.base is not None]
    scaled = [(a.index, a.shift) for a in (first, second) if a.index is not None]
    if len(plain) == 2 and not scaled:
        return Address(plain[0], plain[1], 0, offset)
    if len(plain) > 1 or len(scaled) > 1:
        return None
    index, shift = scaled[0] if scaled else (None, 0)
    return Address(plain[0] if plain else None, index, shift, offset)


def constant(value: int) -> Address:
    """A sum without registers."""
    return Address(None, offset=value & _WORD)


@dataclass
class _Group:
    unaligned: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    loads: list[tuple[int, int, int, _Key | None]] = field(default_factory=list)
    last_step: int = 0


class AccessTracker:
    """Follows the values of registers through a block and notes its accesses.

    Args:
        unaligned_cycles: for an access of (bytes) at (address modulo 4), cycles more.
        ignored: registers that never point to flash and are always aligned: a stack pointer.
    """

    def __init__(
        self, unaligned_cycles: Callable[[int, int], int], ignored: frozenset[int] = frozenset()
    ) -> None:
        self._unaligned_cycles = unaligned_cycles
        self._ignored = ignored
        self._values: dict[int, Address | None] = {}
        self._groups: dict[_Key, _Group] = {}
        self._loaded: _Key = _ELSEWHERE  # where the load before goes
        self._stored: dict[tuple[int, int], Address | None] = {}
        self._pointers: dict[tuple[int, int], int] = {}

    def value(self, register: int) -> Address | None:
        """What a register holds now; None where it is not such a sum."""
        return self._values.get(register, Address(register))

    def set(self, register: int, value: Address | None) -> None:
        """A register was written."""
        self._values[register] = value

    def scaled(self, register: int, shift: int) -> Address | None:
        """What a register holds, shifted left."""
        value = self.value(register)
        if value is None or shift == 0:
            return value
        if value.index is not None:
            return None
        return Address(None, value.base, shift, value.offset << shift & _WORD)

    def access(
        self,
        address: Address | None,
        size: int,
        load: bool,
        aligned: bool,
        step: int,
        pipelined: bool = False,
    ) -> None:
        """Notes an access of `size` bytes.

        Args:
            address: where it goes.
            size: in bytes.
            load: whether it reads.
            aligned: whether the core demands an aligned address anyway.
            step: number of the instruction in the block.
            pipelined: whether it is a load whose address overlaps the load before.
        """
        before, self._loaded = self._loaded, _ELSEWHERE
        if address is None or address.base in self._ignored:
            return
        # Constant addresses of one group lie in one memory.
        shift = address.shift if address.constant is None else address.constant >> 28
        key = self._loaded = address.base, address.index, shift
        group = self._groups.setdefault(key, _Group())
        if not aligned and address.constant is None:
            for low in range(4):
                group.unaligned[low] += self._unaligned_cycles(size, (low + address.offset) & 3)
            group.last_step = step
        if load and len(group.loads) < _MOST_LOADS:
            group.loads.append((address.offset, size, step, before if pipelined else None))

    def store(self, place: Address | None, value: Address | None) -> None:
        """Notes a word that the block writes."""
        if place is not None and place.index is None and place.base is not None:
            self._stored[place.base, place.offset] = value

    def load(self, place: Address | None) -> Address | None:
        """The word that the block reads at an address, as a sum; None where it is not known."""
        if place is None or place.index is not None or place.base is None:
            return None
        key = place.base, place.offset
        if key in self._stored:
            return self._stored[key]
        if key not in self._pointers:
            if len(self._pointers) == _MOST_POINTERS:
                return None
            self._pointers[key] = _FIRST_POINTER + len(self._pointers)
        return Address(self._pointers[key])

    def packed_pointers(self) -> tuple[bytes, int]:
        """The pointers as C structures, with their number."""
        packed = b"".join(_POINTER.pack(base, _signed(offset)) for base, offset in self._pointers)
        return packed, len(self._pointers)

    def packed(self) -> tuple[bytes, int, bytes, int]:
        """The groups and their loads as C structures, with their numbers."""
        groups, loads, count = b"", b"", 0
        kept = {k: g for k, g in self._groups.items() if g.loads or any(g.unaligned)}
        places = {key: min(n, _MOST_GROUPS) for n, key in enumerate(kept)}
        for (base, index, shift), group in kept.items():
            offsets = [_signed(offset) for offset, _, _, _ in group.loads]
            groups += _GROUP.pack(
                NO_REGISTER if base is None else base,
                NO_REGISTER if index is None else index,
                shift,
                len(offsets),
                min(offsets, default=0),
                count,
                *(min(cycles, 255) for cycles in group.unaligned),
                group.last_step,
            )
            loads += b"".join(
                _LOAD.pack(
                    offset,
                    size,
                    step,
                    before is not None,
                    _MOST_GROUPS if before is None else places.get(before, _MOST_GROUPS),
                )
                for offset, (_, size, step, before) in zip(offsets, group.loads, strict=True)
            )
            count += len(offsets)
        return groups, len(kept), loads, count


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word
