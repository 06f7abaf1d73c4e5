"""What a part can be plugged into. Each protocol is one capability; a part offers those it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from facet.time import Time


@dataclass(frozen=True)
class SpiMode:
    """How a master clocks its bytes."""

    hz: int
    cpol: int
    cpha: int
    lsb_first: bool = False


class SpiDevice(Protocol):
    """A part on an SPI bus with a chip select of its own."""

    def select(self) -> None:
        """Chip select falls."""

    def deselect(self) -> None:
        """Chip select rises."""

    def transfer(self, mosi: bytes, mode: SpiMode) -> bytes:
        """Takes the master's bytes and answers as many. Called while selected only."""


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
    """The far end of a UART's transmit pin."""

    def received(self, word: int, at: Time, baud: int, bits: int = 8) -> None:
        """A frame's stop bit has ended at `at`.

        Args:
            word: what stood between the start and the stop bit, first bit sent lowest.
            at: the end of the stop bit.
            baud: bits a second on the wire.
            bits: how many bits stood there: data, and parity if there is one.
        """


class SerialReceiver(Protocol):
    """The chip's side of a serial line. It is told of all lines and knows its own by the pin."""

    def serial_started(self, rx_pin: str) -> None:
        """A start bit begins at `rx_pin`."""

    def serial_arrived(self, rx_pin: str, word: int, baud: int, bits: int) -> None:
        """The frame's stop bit ends now at `rx_pin`; arguments as in `SerialLine.received`."""
