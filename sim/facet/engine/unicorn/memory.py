"""The chip's memories as host buffers that Unicorn and the bus masters share."""

from __future__ import annotations

import ctypes
import mmap

from facet.engine.protocol import MemoryRegion


class Memory:
    """Bytes by address; an alias shares the bytes of the region it shows."""

    def __init__(self) -> None:
        self._regions: list[tuple[MemoryRegion, mmap.mmap, int]] = []

    def add(self, region: MemoryRegion) -> int:
        """Adds a region, erased to 0xFF when read-only and 0 otherwise.

        Returns:
            The buffer's address on the host.
        """
        if region.alias_of is not None:
            buffer, offset = self._place(region.alias_of, region.size)
        else:
            buffer, offset = mmap.mmap(-1, region.size), 0
            if not region.writable:
                buffer[:] = b"\xff" * region.size
        self._regions.append((region, buffer, offset))
        return ctypes.addressof(ctypes.c_char.from_buffer(buffer)) + offset

    def remove(self, region: MemoryRegion) -> None:
        """Takes a region away; what it showed of another stays there."""
        self._regions = [entry for entry in self._regions if entry[0] is not region]

    def region_of(self, address: int) -> MemoryRegion | None:
        """The region that `address` lies in."""
        for region, _, _ in self._regions:
            if region.base <= address < region.base + region.size:
                return region
        return None

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from `address`; IndexError where there is no memory."""
        buffer, offset = self._place(address, size)
        return buffer[offset : offset + size]

    def write(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""
        buffer, offset = self._place(address, len(data))
        buffer[offset : offset + len(data)] = data

    def _place(self, address: int, size: int) -> tuple[mmap.mmap, int]:
        for region, buffer, first in self._regions:
            offset = address - region.base
            if offset >= 0 and offset + size <= region.size:
                return buffer, first + offset
        raise IndexError(f"no memory at {address:#010x} ({size} bytes)")
