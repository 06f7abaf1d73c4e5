"""The buses that a part can be connected to: one protocol for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from facet.time import Time


@dataclass(frozen=True)
class SpiMode:
    """The clock and the bit order of an SPI master."""

    hz: int
    cpol: int
    cpha: int
    lsb_first: bool = False


class SpiDevice(Protocol):
    """A part on an SPI bus, with its own chip select."""

    def select(self) -> None:
        """Chip select falls."""

    def deselect(self) -> None:
        """Chip select rises."""

    def transfer(self, mosi: bytes, mode: SpiMode) -> bytes:
        """Takes the master's bytes and returns as many. Called only while the part is selected."""


class I2cDevice(Protocol):
    """A part on an I2C bus."""

    def i2c_start(self, address: int, read: bool, scl_hz: int) -> bool:
        """A start condition with a 7-bit address; True acknowledges it."""

    def i2c_write(self, byte: int) -> bool:
        """The master sent a byte; True acknowledges it."""

    def i2c_read(self) -> int:
        """The master clocks a byte out of the part."""

    def i2c_stop(self) -> None:
        """A stop condition."""


class SerialLine(Protocol):
    """The receiver at a UART's transmit pin."""

    def received(self, word: int, at: Time, baud: int, bits: int = 8) -> None:
        """A frame's stop bit has ended at `at`.

        Args:
            word: the bits between the start and the stop bit; the first one sent is the lowest.
            at: the end of the stop bit.
            baud: bits a second on the wire.
            bits: the number of these bits: data, and parity if there is one.
        """


class SerialReceiver(Protocol):
    """The chip's side of the serial lines: called for all of them, it picks its own by the pin."""

    def serial_started(self, rx_pin: str) -> None:
        """A start bit begins at `rx_pin`."""

    def serial_arrived(self, rx_pin: str, word: int, baud: int, bits: int) -> None:
        """The frame's stop bit ends now at `rx_pin`; arguments as in `SerialLine.received`."""
