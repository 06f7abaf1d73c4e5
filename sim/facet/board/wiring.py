"""What is soldered to what: the nets at the chip's pins and the parts on its buses."""

from __future__ import annotations

from dataclasses import dataclass

from facet.board.net import Net
from facet.board.ports import I2cDevice, SerialLine, SerialReceiver, SpiDevice, SpiMode
from facet.time import Time


@dataclass(frozen=True)
class SpiPins:
    """The chip's pins that an SPI master uses; None where no pin is routed to the signal."""

    sck: str | None
    miso: str | None
    mosi: str | None


class _SpiSeat:
    """An SPI part in its place: the pins it is wired to and its chip select."""

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
    """An I2C bus: parts on two wires. Without a pull-up no line ever rises."""

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
        acknowledged = [part.i2c_write(byte) for part in self._addressed]  # all of them hear it
        return any(acknowledged)

    def read(self) -> int:
        """A byte to the master; 0xFF when nobody drives the line."""
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
    """The board's copper, by the chip's pin names (``PA5``)."""

    def __init__(self) -> None:
        self._nets: dict[str, Net] = {}
        self._spi: list[_SpiSeat] = []
        self._i2c: dict[tuple[str, str], I2cBus] = {}
        self._serial: dict[str, SerialLine] = {}
        self._serial_receivers: list[SerialReceiver] = []

    def net(self, pin: str) -> Net:
        """The net at a chip's pin; made at first use."""
        if pin not in self._nets:
            self._nets[pin] = Net(pin)
        return self._nets[pin]

    @property
    def nets(self) -> list[Net]:
        """All nets, in the order in which they were first asked for."""
        return list(dict.fromkeys(self._nets.values()))

    # -- building the board
    def bridge(self, pin: str, other: str) -> None:
        """A solder bridge joins two of the chip's pins: they share a net."""
        self._nets[other] = self.net(pin)

    def plug_spi(self, part: SpiDevice, pins: SpiPins, select_pin: str) -> None:
        """Wires an SPI part."""
        self._spi.append(_SpiSeat(part, pins, self.net(select_pin)))

    def plug_i2c(self, part: I2cDevice, scl: str, sda: str) -> None:
        """Wires an I2C part. Pull-ups are the part's or the board's: they pull the nets."""
        self.i2c_bus(scl, sda).parts.append(part)

    def plug_serial(self, line: SerialLine, chip_tx: str) -> None:
        """Wires the far end's receiver to the chip's transmit pin."""
        self._serial[chip_tx] = line

    # -- the chip's side
    def spi_exchange(self, pins: SpiPins, mosi: bytes, mode: SpiMode) -> bytes:
        """A master clocks `mosi` out; returns what it clocks in (0xFF where nobody answers)."""
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
        """The bus on two pins; an empty one where nothing is plugged in."""
        key = (scl, sda)
        if key not in self._i2c:
            self._i2c[key] = I2cBus(self.net(scl), self.net(sda))
        return self._i2c[key]

    def spi_selected(self, sck: str | None) -> list[SpiPins]:
        """How the parts are wired that are selected now and hang on the clock pin `sck`."""
        return [seat.pins for seat in self._spi if seat.selected and seat.pins.sck == sck]

    def serial_send(self, tx_pin: str, word: int, at: Time, baud: int, bits: int = 8) -> None:
        """The chip's UART has sent a frame on `tx_pin`."""
        line = self._serial.get(tx_pin)
        if line is not None:
            line.received(word, at, baud, bits)

    def serial_listen(self, receiver: SerialReceiver) -> None:
        """A UART model hears of every frame that a part sends to the chip."""
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
