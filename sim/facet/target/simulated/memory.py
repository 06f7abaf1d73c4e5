"""The memory of a simulated board."""

from __future__ import annotations

from facet.chip.peripheral import BusError
from facet.firmware.elf import Firmware
from facet.firmware.flat import FlatImage
from facet.machine import Machine


class SimulatedMemory:
    """Reads the machine's memory; see `facet.target.memory.Memory`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def image(self) -> Firmware | FlatImage:
        """The firmware's file."""
        return self._machine.firmware

    def read(self, address: int, size: int) -> bytes:
        """The bytes at an address."""
        try:
            return self._machine.read_memory(address, size)
        except BusError as error:
            raise LookupError(str(error)) from None
