"""Register accesses by the manual's names, as a firmware makes them."""

from __future__ import annotations

from facet.chip.bus import PeripheralBus
from facet.time import Time
from tests.chip.fakes import FakeChip


class FirmwareSide:
    """Reads and writes registers of a chip on its bus.

    Attributes:
        host: the chip's services, whose time `run` advances.
    """

    host: FakeChip

    def connect(self, bus: PeripheralBus) -> None:
        """Notes the addresses of all registers on the bus."""
        self._bus = bus
        self._addresses = {
            f"{peripheral.name}_{register}": peripheral.base + offset
            for peripheral in bus.peripherals
            for register, offset in peripheral.declared().items()
        }

    def address(self, register: str) -> int:
        """The address of a register, such as ``RCC_CR``."""
        return self._addresses[register]

    def read(self, register: str) -> int:
        """Reads a register of 32 bits."""
        return self._bus.read(self._addresses[register], 4)

    def write(self, register: str, value: int) -> None:
        """Writes a register of 32 bits."""
        self._bus.write(self._addresses[register], 4, value)

    def set(self, register: str, mask: int) -> None:
        """Sets the bits of `mask`."""
        self.write(register, self.read(register) | mask)

    def clear(self, register: str, mask: int) -> None:
        """Clears the bits of `mask`."""
        self.write(register, self.read(register) & ~mask)

    def field(self, register: str, low: int, width: int = 1) -> int:
        """`width` bits of a register from bit `low` up."""
        return self.read(register) >> low & (1 << width) - 1

    def run(self, span: Time) -> None:
        """Lets virtual time pass."""
        self.host.run(span)
