"""Bit-banding: words that stand for single bits of SRAM and peripherals (PM0214, 2.2.5).

The bit with number `bit` of the word at `region + offset` is the word at
`alias + offset * 32 + bit * 4`; `region` and `alias` are 32 MB apart.
"""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], int]
Write = Callable[[int, int, int], None]

SRAM = range(0x2000_0000, 0x2010_0000)
PERIPHERALS = range(0x4000_0000, 0x4010_0000)
_ALIAS_OFFSET, _ALIAS_SIZE = 0x0200_0000, 0x0200_0000


def alias_of(base: int, size: int) -> tuple[int, int]:
    """Base and size of the alias of `size` bytes at `base`."""
    region = base & 0xF000_0000
    return region + _ALIAS_OFFSET + (base - region) * 32, size * 32


def words(
    read: Callable[[int, int], bytes], write: Callable[[int, bytes], None]
) -> tuple[Read, Write]:
    """Accesses of a memory's bytes as accesses of little-endian numbers."""

    def read_number(address: int, size: int) -> int:
        return int.from_bytes(read(address, size), "little")

    def write_number(address: int, size: int, value: int) -> None:
        write(address, value.to_bytes(size, "little"))

    return read_number, write_number


def through(read: Read, write: Write) -> tuple[Read, Write]:
    """The same accesses, for addresses in the alias."""

    def place(address: int) -> tuple[int, int]:
        offset = address & (_ALIAS_SIZE - 1)
        return (address & 0xF000_0000) + (offset >> 7 << 2), offset >> 2 & 31

    def read_bit(address: int, _size: int) -> int:
        word, bit = place(address)
        return read(word, 4) >> bit & 1

    def write_bit(address: int, _size: int, value: int) -> None:
        word, bit = place(address)
        write(word, 4, read(word, 4) & ~(1 << bit) | (value & 1) << bit)

    return read_bit, write_bit


def with_alias(read: Read, write: Write) -> tuple[Read, Write]:
    """Accesses to a window that holds both the peripherals and their alias."""
    read_bit, write_bit = through(read, write)
    start, size = alias_of(PERIPHERALS.start, len(PERIPHERALS))
    alias = range(start, start + size)

    def read_either(address: int, size: int) -> int:
        return (read_bit if address in alias else read)(address, size)

    def write_either(address: int, size: int, value: int) -> None:
        (write_bit if address in alias else write)(address, size, value)

    return read_either, write_either
