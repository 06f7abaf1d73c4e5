"""MPU registers (ARM DDI 0403E, B3.5.3 to B3.5.10; STM32L4: eight regions)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REGIONS: Final = 8

READ, WRITE, EXECUTE = 1, 2, 4
"""The kinds of access that the MPU allows or denies."""

_TYPE, _CTRL, _RNR, _RBAR, _RASR = 0xD90, 0xD94, 0xD98, 0xD9C, 0xDA0
_LAST = 0xDB8  # RASR_A3
_VALID = 1 << 4  # of RBAR


@dataclass
class Region:
    """One region: RBAR without VALID and REGION, and RASR."""

    base: int = 0
    attributes: int = 0


class Mpu:
    """The registers, by offset from 0xE000E000.

    Args:
        on_change: called when the protection is another.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.reset()

    def reset(self) -> None:
        """Off; silicon's regions are undefined after power-on."""
        self.control = 0
        self._number = 0
        self.regions = [Region() for _ in range(REGIONS)]

    @staticmethod
    def holds(offset: int) -> bool:
        """Whether an offset is one of its registers."""
        return _TYPE <= offset <= _LAST

    def read(self, offset: int) -> int:
        """A word."""
        region = self.regions[self._number]
        if offset == _TYPE:
            return REGIONS << 8
        if offset == _CTRL:
            return self.control
        if offset == _RNR:
            return self._number
        if (offset - _RBAR) % 8 == 0:
            return region.base | self._number
        return region.attributes

    def write(self, offset: int, value: int) -> None:
        """Writes a word; RBAR_A1 to RASR_A3 are further names of RBAR and RASR."""
        if offset == _CTRL:
            self.control = value & 7
        elif offset == _RNR:
            self._number = value % REGIONS
            return
        elif offset != _TYPE and (offset - _RBAR) % 8 == 0:
            if value & _VALID:
                self._number = value & 0xF & REGIONS - 1
            self.regions[self._number].base = value & ~0x1F
        elif offset != _TYPE:
            self.regions[self._number].attributes = value & 0x173F_FF3F
        self._on_change()

    def describe(self, address: int) -> str:
        """What covers an address, for messages: ``region 3 (0x20000000, 32 bytes)``."""
        for number in reversed(range(REGIONS)):
            region = self.regions[number]
            size = 2 << (region.attributes >> 1 & 31)
            if region.attributes & 1 and (address ^ region.base) // size == 0:
                subregion = address // max(1, size // 8) & 7
                if size < 256 or not region.attributes >> 8 + subregion & 1:
                    return f"region {number} ({region.base & -size:#010x}, {size} bytes)"
        return "no region"
