"""The computer at the other end of the virtual COM port: what it reads, what it types."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from sim.device.serial_frame import BAUD_TOLERANCE, mismatch, sample
from sim.events import Event
from sim.time import Time, of_ticks
from sim.wiring import Wiring


class Timekeeper(Protocol):
    """Virtual time, and a plan for later."""

    @property
    def now(self) -> Time:
        """Virtual time."""

    def schedule_at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for the time `at`."""


class Line(NamedTuple):
    """A line of text and when its last byte had arrived."""

    at: Time
    text: str


class Terminal:
    """A serial terminal, 8N1.

    Args:
        name: for nets and messages, such as ``ST-LINK virtual COM port``.
        time: virtual time.
        wiring: the board.
        chip_tx: the chip's pin that the terminal listens to.
        chip_rx: the chip's pin that the terminal drives.
        baud: bits a second that the terminal is set to.
        report: takes a violation's rule and message.
    """

    def __init__(
        self,
        name: str,
        time: Timekeeper,
        wiring: Wiring,
        *,
        chip_tx: str,
        chip_rx: str,
        baud: int = 115_200,
        report: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.baud = baud
        self.chip_tx = chip_tx
        self.data = bytearray()
        """All bytes received, in order."""
        self.times: list[Time] = []
        """When each byte of `data` had arrived."""
        self.lines: list[Line] = []
        """Complete lines, without their line ends."""
        self._time = time
        self._wiring = wiring
        self._chip_rx = chip_rx
        self._report = report
        self._partial = bytearray()
        self._told: set[str] = set()
        self._free_at = time.now  # when the terminal's transmitter is free
        self._byte_listeners: list[Callable[[int, Time], None]] = []
        self._line_listeners: list[Callable[[Line], None]] = []
        wiring.plug_serial(self, chip_tx)
        self._net = wiring.net(chip_rx)
        self._net.drive(name, 1)

    @property
    def text(self) -> str:
        """All that was received, as text."""
        return self.data.decode("utf-8", errors="replace")

    def on_byte(self, listener: Callable[[int, Time], None]) -> None:
        """Calls `listener` with each byte and its time."""
        self._byte_listeners.append(listener)

    def on_line(self, listener: Callable[[Line], None]) -> None:
        """Calls `listener` with each complete line."""
        self._line_listeners.append(listener)

    def received(self, word: int, at: Time, baud: int, bits: int = 8) -> None:
        """The chip has sent a frame; see `sim.device.ports.SerialLine`."""
        if mismatch(baud, self.baud) > BAUD_TOLERANCE:
            self._tell(
                "baud-rate",
                f"{self.name} hears {baud} baud on {self.chip_tx} and is set to {self.baud}: "
                "it shows garbage",
            )
        elif bits != 8:
            self._tell(
                "serial-format",
                f"{self.name} is set to 8N1, the frames on {self.chip_tx} have {bits} bits: "
                "it shows garbage",
            )
        byte = sample(word, bits, baud, self.baud, 8).word
        self.data.append(byte)
        self.times.append(at)
        for listener in self._byte_listeners:
            listener(byte, at)
        if byte != ord("\n"):
            self._partial.append(byte)
            return
        line = Line(at, self._partial.decode("utf-8", errors="replace").rstrip("\r"))
        self._partial.clear()
        self.lines.append(line)
        for line_listener in self._line_listeners:
            line_listener(line)

    def send(self, data: bytes | str, at: Time | None = None) -> Time:
        """Types `data`; its bytes follow one another without a pause.

        FIDELITY: on the net only the start bit is drawn as low; the data bits are not; an input
        that watches the pin sees one falling edge a byte and not the byte's pattern.

        Args:
            data: bytes, or text to be sent as UTF-8.
            at: when the first start bit falls; now, or when what was typed before is through, if
                that is later.

        Returns:
            When the last stop bit will have ended.
        """
        start = max(self._time.now if at is None else at, self._free_at)
        payload = data.encode() if isinstance(data, str) else data
        for number, byte in enumerate(payload):
            self._plan_byte(byte, start, number)
        self._free_at = start + of_ticks(10 * len(payload), self.baud)
        return self._free_at

    def _plan_byte(self, byte: int, first: Time, number: int) -> None:
        plan, bit_number = self._time.schedule_at, 10 * number

        def start_bit() -> None:
            self._net.drive(self.name, 0)
            self._wiring.serial_start(self._chip_rx)

        plan(first + of_ticks(bit_number, self.baud), start_bit, f"{self.name}: start bit")
        plan(
            first + of_ticks(bit_number + 1, self.baud),
            lambda: self._net.drive(self.name, 1),
            f"{self.name}: start bit ends",
        )
        plan(
            first + of_ticks(bit_number + 10, self.baud),
            lambda: self._wiring.serial_arrive(self._chip_rx, byte, self.baud),
            f"{self.name}: byte",
        )

    def _tell(self, rule: str, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._report(rule, message)
