"""The serial terminal at the other end of the virtual COM port."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from facet.board.wiring import Wiring
from facet.device.serial_frame import BAUD_TOLERANCE, mismatch, sample
from facet.device.services import DeviceServices
from facet.time import Time, of_ticks


class Port(Protocol):
    """The pins of the chip that the terminal is wired to, and its speed."""

    @property
    def tx(self) -> str:
        """The chip's pin that the terminal receives from."""

    @property
    def rx(self) -> str:
        """The chip's pin that the terminal drives."""

    @property
    def baud(self) -> int:
        """The baud rate."""


class Line(NamedTuple):
    """A line of text and the time when its last byte arrived."""

    at: Time
    text: str


class Terminal:
    """A serial terminal, 8N1.

    Args:
        board: virtual time, events, diagnostics.
        wiring: the nets.
        port: the pins and the baud rate.
    """

    name = "terminal"

    def __init__(self, board: DeviceServices, wiring: Wiring, port: Port) -> None:
        self.port = port
        self.data = bytearray()
        """All bytes received, in order."""
        self.times: list[Time] = []
        """The time when each byte of `data` arrived."""
        self.lines: list[Line] = []
        """The complete lines, without their line ends."""
        self._board = board
        self._wiring = wiring
        self._partial = bytearray()
        self._reported: set[str] = set()
        self._free_at = board.now  # when the terminal's transmitter is free
        self._byte_listeners: list[Callable[[int, Time], None]] = []
        self._line_listeners: list[Callable[[Line], None]] = []
        wiring.plug_serial(self, port.tx)
        self._net = wiring.net(port.rx)
        self._net.drive(self.name, 1)

    @property
    def text(self) -> str:
        """All received bytes as text."""
        return self.data.decode("utf-8", errors="replace")

    def on_byte(self, listener: Callable[[int, Time], None]) -> None:
        """Calls `listener` with each byte and its time."""
        self._byte_listeners.append(listener)

    def on_line(self, listener: Callable[[Line], None]) -> None:
        """Calls `listener` with each complete line."""
        self._line_listeners.append(listener)

    def received(self, word: int, at: Time, baud: int, bits: int = 8) -> None:
        """Takes a frame from the chip; see `facet.board.ports.SerialLine`."""
        if mismatch(baud, self.port.baud) > BAUD_TOLERANCE:
            self._report_once(
                "baud-rate",
                f"{self.name} receives {baud} baud on {self.port.tx} but is set to "
                f"{self.port.baud}: it shows garbage",
            )
        elif bits != 8:
            self._report_once(
                "serial-format",
                f"{self.name} is set to 8N1, the frames on {self.port.tx} have {bits} bits: "
                "it shows garbage",
            )
        byte = sample(word, bits, baud, self.port.baud, 8).word
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

    def send(self, data: bytes | str, at: Time | None = None) -> None:
        """Sends `data`, whose bytes follow one another without a pause.

        FIDELITY:
            model: On the net only the start bit of a byte is low.
            silicon: The data bits show on the net too.
            hides: An input that watches the pin sees one falling edge a byte, and not the pattern
                of the byte.

        Args:
            data: bytes, or text to be sent as UTF-8.
            at: the time of the begin; None for now. Earlier data are sent first.
        """
        payload = data.encode() if isinstance(data, str) else data
        delay = 0 if at is None else at - self._board.now
        if delay > 0:
            self._board.schedule(
                Time(delay), lambda: self._begin(payload), f"{self.name} sends {len(payload)} bytes"
            )
        else:
            self._begin(payload)

    def _begin(self, payload: bytes) -> None:
        start = max(self._board.now, self._free_at)
        for number, byte in enumerate(payload):
            self._plan_byte(byte, start, number)
        self._free_at = start + of_ticks(10 * len(payload), self.port.baud)

    def _plan_byte(self, byte: int, first: Time, number: int) -> None:
        board, port = self._board, self.port

        def plan(bit_number: int, action: Callable[[], None], what: str) -> None:
            at = first + of_ticks(10 * number + bit_number, port.baud)
            board.schedule(at - board.now, action, f"{self.name}: {what}")

        def start_bit() -> None:
            self._net.drive(self.name, 0)
            self._wiring.serial_start(port.rx)

        plan(0, start_bit, "start bit")
        plan(1, lambda: self._net.drive(self.name, 1), "start bit ends")
        plan(10, lambda: self._wiring.serial_arrive(port.rx, byte, port.baud), "byte")

    def _report_once(self, rule: str, message: str) -> None:
        if message not in self._reported:
            self._reported.add(message)
            self._board.violation(rule, message)
