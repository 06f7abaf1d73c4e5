"""The connections of a board: the nets at the chip's pins and the parts on its buses."""

from __future__ import annotations

from dataclasses import dataclass

from facet.board.net import Net
from facet.board.ports import I2cDevice, SerialLine, SerialReceiver, SpiDevice, SpiMode
from facet.time import Time


@dataclass(frozen=True)
class SpiPins:
    """The chip's pins that an SPI master uses; None where no pin is connected to the signal."""

    sck: str | None
    miso: str | None
    mosi: str | None


class _SpiSeat:
    """An SPI part on the board: the pins that it is connected to and its chip select."""

    def __init__(self, part: SpiDevice, pins: SpiPins, select: Net) -> None:
        self.part = part
        self.pins = pins
        self.selected = False
        select.watch(self._select_changed)

    def _select_changed(self, level: int | None) -> None:
        selected = level == 0
        if selected != self.selected:
            self.selected = selected
            if selected:
                self.part.select()
            else:
                self.part.deselect()


class I2cBus:
    """An I2C bus: parts on two lines. Without a pull-up a line stays low."""

    def __init__(self, scl: Net, sda: Net) -> None:
        self.scl = scl
        self.sda = sda
        self.parts: list[I2cDevice] = []
        self._addressed: list[I2cDevice] = []

    @property
    def pulled_up(self) -> bool:
        """Whether both lines idle high."""
        return self.scl.level == 1 and self.sda.level == 1

    def start(self, address: int, read: bool, scl_hz: int) -> bool:
        """A (repeated) start with a 7-bit address; True when a part acknowledged."""
        self._addressed = [p for p in self.parts if p.i2c_start(address, read, scl_hz)]
        return bool(self._addressed)

    def write(self, byte: int) -> bool:
        """A byte from the master; True when it was acknowledged."""
        acknowledged = [part.i2c_write(byte) for part in self._addressed]  # all of them receive it
        return any(acknowledged)

    def read(self) -> int:
        """A byte to the master; 0xFF when no part drives the line."""
        value = 0xFF
        for part in self._addressed:
            value &= part.i2c_read()
        return value

    def stop(self) -> None:
        """A stop condition."""
        for part in self.parts:
            part.i2c_stop()
        self._addressed = []


class Wiring:
    """The connections of the board, by the chip's pin names (``PA5``)."""

    def __init__(self) -> None:
        self._nets: dict[str, Net] = {}
        self._spi: list[_SpiSeat] = []
        self._i2c: dict[tuple[str, str], I2cBus] = {}
        self._serial: dict[str, list[SerialLine]] = {}
        self._serial_receivers: list[SerialReceiver] = []

    def net(self, pin: str) -> Net:
        """The net at a chip's pin; it is made at its first use."""
        if pin not in self._nets:
            self._nets[pin] = Net(pin)
        return self._nets[pin]

    @property
    def nets(self) -> list[Net]:
        """All nets, in the order of their first use."""
        return list(dict.fromkeys(self._nets.values()))

    # -- building the board
    def bridge(self, pin: str, other: str) -> None:
        """Joins two of the chip's pins by a solder bridge: they share a net."""
        self._nets[other] = self.net(pin)

    def plug_spi(self, part: SpiDevice, pins: SpiPins, select_pin: str) -> None:
        """Connects an SPI part."""
        self._spi.append(_SpiSeat(part, pins, self.net(select_pin)))

    def plug_i2c(self, part: I2cDevice, scl: str, sda: str) -> None:
        """Connects an I2C part. The part or the board pulls the nets up, not the bus."""
        self.i2c_bus(scl, sda).parts.append(part)

    def plug_serial(self, line: SerialLine, chip_tx: str) -> None:
        """Connects a receiver to the chip's transmit pin, which may have several."""
        self._serial.setdefault(chip_tx, []).append(line)

    # -- the chip's side
    def spi_exchange(self, pins: SpiPins, mosi: bytes, mode: SpiMode) -> bytes:
        """A master sends `mosi`; returns what it receives (0xFF where no part answers)."""
        miso = b"\xff" * len(mosi)
        for seat in self._spi:
            if not seat.selected or pins.sck != seat.pins.sck:
                continue
            heard = mosi if pins.mosi == seat.pins.mosi else b"\xff" * len(mosi)
            said = seat.part.transfer(heard, mode)
            if pins.miso == seat.pins.miso:
                miso = bytes(a & b for a, b in zip(miso, said, strict=True))
        return miso

    def i2c_bus(self, scl: str, sda: str) -> I2cBus:
        """The bus on two pins; it has no parts where none is connected."""
        key = (scl, sda)
        if key not in self._i2c:
            self._i2c[key] = I2cBus(self.net(scl), self.net(sda))
        return self._i2c[key]

    def spi_selected(self, sck: str | None) -> list[SpiPins]:
        """The pins of the parts that are selected now and share the clock pin `sck`."""
        return [seat.pins for seat in self._spi if seat.selected and seat.pins.sck == sck]

    def serial_send(self, tx_pin: str, word: int, at: Time, baud: int, bits: int = 8) -> None:
        """The chip's UART has sent a frame on `tx_pin`."""
        for line in self._serial.get(tx_pin, ()):
            line.received(word, at, baud, bits)

    def serial_listen(self, receiver: SerialReceiver) -> None:
        """Calls a UART model for every frame that a part sends to the chip."""
        self._serial_receivers.append(receiver)

    # -- a part's side
    def serial_start(self, rx_pin: str) -> None:
        """A part sends a start bit to the chip's `rx_pin`.

        The part itself drives the net low (an EXTI line may watch it).
        """
        for receiver in self._serial_receivers:
            receiver.serial_started(rx_pin)

    def serial_arrive(self, rx_pin: str, word: int, baud: int, bits: int = 8) -> None:
        """A part has sent a frame to the chip's `rx_pin`; its stop bit ends now."""
        for receiver in self._serial_receivers:
            receiver.serial_arrived(rx_pin, word, baud, bits)
