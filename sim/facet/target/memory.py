"""The capability `Memory`: the contents of the chip's memory."""

from __future__ import annotations

from typing import Protocol

from facet.firmware.elf import Firmware
from facet.firmware.flat import FlatImage


class Memory(Protocol):
    """Reads the chip's memory, as a debugger does."""

    @property
    def image(self) -> Firmware | FlatImage:
        """The firmware's file, with the names of functions and objects if it is an ELF."""

    def read(self, address: int, size: int) -> bytes:
        """The bytes at an address.

        Raises:
            LookupError: there is no memory.
        """
