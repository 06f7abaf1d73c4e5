"""Parts on the buses that keep a record."""

from __future__ import annotations

from facet.board.ports import SpiMode
from facet.time import Time, ms
from tests.chip.esp32c3.mcu import Mcu

LIST = 0x3FC8_0100  # where tests put DMA descriptors
BUFFER = 0x3FC8_1000


class Listener:
    """The far end of a transmit pin."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.bauds: set[int] = set()
        self.times: list[Time] = []

    def received(self, word: int, at: Time, baud: int, bits: int = 8) -> None:
        self.data.append(word)
        self.bauds.add(baud)
        self.times.append(at)


def listen(mcu: Mcu, pin: str = "GPIO21") -> Listener:
    listener = Listener()
    mcu.wiring.plug_serial(listener, pin)
    return listener


class SpiPart:
    """Answers each byte with its complement."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.modes: set[SpiMode] = set()

    def select(self) -> None:
        pass

    def deselect(self) -> None:
        pass

    def transfer(self, mosi: bytes, mode: SpiMode) -> bytes:
        self.received += mosi
        self.modes.add(mode)
        return bytes(byte ^ 0xFF for byte in mosi)


class I2cPart:
    """A part of 256 registers at address 0x30: the first byte written is the register's number."""

    def __init__(self) -> None:
        self.registers = bytearray(range(256))
        self.speeds: set[int] = set()
        self.stops = 0
        self._at: int | None = None
        self._mine = False

    def i2c_start(self, address: int, read: bool, scl_hz: int) -> bool:
        self._mine = address == 0x30
        self.speeds.add(scl_hz)
        if not read:
            self._at = None
        return self._mine

    def i2c_write(self, byte: int) -> bool:
        if self._at is None:
            self._at = byte
        else:
            self.registers[self._at] = byte
            self._at += 1
        return True

    def i2c_read(self) -> int:
        assert self._at is not None
        self._at += 1
        return self.registers[self._at - 1]

    def i2c_stop(self) -> None:
        self.stops += 1


def descriptor(mcu: Mcu, address: int, size: int, buffer: int, following: int = 0) -> None:
    """Writes a GDMA descriptor that the DMA owns, full, with EOF where it is the last."""
    head = 1 << 31 | size << 12 | size | (0 if following else 1 << 30)
    words = b"".join(word.to_bytes(4, "little") for word in (head, buffer, following))
    mcu.host.write_memory(address, words)


def wait(mcu: Mcu) -> None:
    """Lets 5 ms pass."""
    mcu.run(ms(5))
