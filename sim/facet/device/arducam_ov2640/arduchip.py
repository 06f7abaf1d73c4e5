"""The ArduChip: the CPLD that stores the sensor's frames and hands them out over SPI.

Sources: ArduCAM Mini camera shield, hardware application note (register table, SPI timing) and
software application note 2.0; ArduCAM's Arduino library, ArduCAM.h and ArduCAM.cpp, and its
examples for OV2640_MINI_2MP_PLUS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from facet.board.ports import SpiMode
from facet.clock import exceeds
from facet.device.arducam_ov2640.dsp import Picture
from facet.device.arducam_ov2640.sensor import Ov2640
from facet.device.services import DeviceServices

MAX_SCK_HZ = 8_000_000
"""Hardware application note, SPI slave interface."""

FIFO_BYTES = 0x7FFFFF
"""Frame memory that the length registers can count: 8 MB less one (MAX_FIFO_SIZE, ArduCAM.h)."""

VERSION = 0x73
"""The value of register 0x40.

FIDELITY:
    model: The version register reads the value of the 5MP Plus boards of revision C, which share
        the CPLD.
    silicon: ArduCAM publishes no value for the 2MP Plus; older Plus boards read 0x62.
    hides: A driver that accepts only one value.
"""


class Register(IntEnum):
    """SPI addresses; bit 7 of the command marks a write."""

    TEST = 0x00
    CAPTURE = 0x01
    MODE = 0x02
    TIMING = 0x03
    FIFO = 0x04
    GPIO_DIRECTION = 0x05
    GPIO = 0x06
    RESET = 0x07
    BURST_READ = 0x3C
    SINGLE_READ = 0x3D
    VERSION = 0x40
    TRIGGER = 0x41
    SIZE_LOW = 0x42
    SIZE_MIDDLE = 0x43
    SIZE_HIGH = 0x44


WRITE = 0x80
TIMING_HREF_LOW = 0x01
TIMING_VSYNC_LOW = 0x02
FIFO_CLEAR = 0x01
FIFO_START = 0x02
FIFO_RESET_READ = 0x10
FIFO_RESET_WRITE = 0x20
GPIO_RESETB = 0x01
GPIO_PWDN = 0x02
GPIO_PWREN = 0x04
RESET_CPLD = 0x80
TRIGGER_VSYNC = 0x01
TRIGGER_DONE = 0x08
FRAMES_UNTIL_FULL = 7

_GPIO_AT_RESET = GPIO_RESETB | GPIO_PWREN
# FIDELITY:
#   model: The sensor runs after reset, as ArduCAM's examples need, which do not write 0x05 or 0x06
#     before they use it.
#   silicon: The reset value is not published.
#   hides: Nothing for those examples.

_CLOCKING = frozenset({"spi-mode", "spi-too-fast"})

# The value of a byte, one bit late, when data is sampled on the wrong edge.
_SLIPPED = bytes(value >> 1 | (value & 1) << 7 for value in range(256))


@dataclass
class Capture:
    """A running capture.

    Args:
        frames_left: frames still to be stored after the one being stored.
        storing: the frame that is being received; None before the first VSYNC.
        stored: the frames stored whole, and `size` their bytes.
    """

    frames_left: int
    storing: Picture | None = None
    stored: list[bytes] = field(default_factory=list)
    size: int = 0


class ArduChip:
    """Frame memory and registers behind SPI.

    Args:
        name: for messages.
        services: the board.
        sensor: the sensor whose frames it stores.
        alive: whether the module has power and has started.
        on_gpio: called when the sensor's control lines may have changed.
        on_stored: called with each frame that was stored.
    """

    def __init__(
        self,
        name: str,
        services: DeviceServices,
        sensor: Ov2640,
        *,
        alive: Callable[[], bool],
        on_gpio: Callable[[], None],
        on_stored: Callable[[Picture], None],
    ) -> None:
        self._name = name
        self._services = services
        self._sensor = sensor
        self._alive = alive
        self._on_gpio = on_gpio
        self._on_stored = on_stored
        self._command: int | None = None
        self._data_bytes = 0
        self._reported: set[str] = set()
        self._registers = bytearray(8)
        self.reset()

    def reset(self) -> None:
        """Powers up: registers and frame memory are cleared."""
        self._registers[:] = bytes(8)
        self._registers[Register.GPIO] = _GPIO_AT_RESET
        self._fifo = b""
        self._read_at = 0
        self._done = False
        self._capture: Capture | None = None

    @property
    def gpio(self) -> int:
        """The sensor's control lines: RESETB (bit 0), PWDN (bit 1), LDO enable (bit 2)."""
        return self._registers[Register.GPIO]

    # -- SPI
    def select(self) -> None:
        """Handles a falling chip select: the next byte is a command."""
        self._command = None
        self._data_bytes = 0
        self._reported.clear()

    def deselect(self) -> None:
        """Handles a rising chip select: a burst ends, and the read position stays."""
        self._command = None

    def transfer(self, mosi: bytes, mode: SpiMode) -> bytes:
        """Takes the master's bytes and gives as many answers."""
        if not self._alive():
            return b"\xff" * len(mosi)
        if self._readable(mode):
            return self._exchange(mosi)
        return self._exchange(mosi.translate(_SLIPPED)).translate(_SLIPPED)

    def _readable(self, mode: SpiMode) -> bool:
        """Whether the clock is right; otherwise reports its faults."""
        if (mode.cpol, mode.cpha) != (0, 0) or mode.lsb_first:
            self._report(
                "spi-mode",
                f"clocked with CPOL={mode.cpol}, CPHA={mode.cpha}"
                f"{', LSB first' if mode.lsb_first else ''}; the ArduChip takes mode 0, MSB first",
            )
            return False
        if exceeds(mode.hz, MAX_SCK_HZ):
            self._report(
                "spi-too-fast",
                f"clocked at {mode.hz / 1e6:g} MHz; the ArduChip takes up to "
                f"{MAX_SCK_HZ / 1e6:g} MHz",
            )
            return False
        return True

    def _exchange(self, mosi: bytes) -> bytes:
        if self._command is None:
            if not mosi:
                return b""
            self._command = mosi[0]
            return b"\x00" + self._exchange(mosi[1:])
        if not mosi:
            return b""
        first = self._data_bytes == 0
        self._data_bytes += len(mosi)
        if self._command & WRITE:
            if first:
                self._write(self._command & ~WRITE, mosi[0])
            if self._data_bytes > 1:
                self._report(
                    "spi-length", "a register write of more than one byte; only one is stored"
                )
            return bytes(len(mosi))
        if self._command == Register.BURST_READ:
            # FIDELITY:
            #   model: The byte after the command is the first byte of the frame, as ArduCAM's
            #     example for OV2640_MINI_2MP_PLUS reads raw pixels.
            #   silicon: The older Mini 2MP sends one dummy byte first (ArduCAM/Arduino issues 53
            #     and 432).
            #   hides: A module of the older kind.
            return self._take(len(mosi))
        if self._command == Register.SINGLE_READ:
            if self._data_bytes > 1:
                self._report("spi-length", "a single FIFO read (0x3D) of more than one byte")
            return self._take(1) + bytes(len(mosi) - 1)
        return bytes([self._read(self._command)]) * len(mosi)

    def _take(self, count: int) -> bytes:
        """The next bytes of the frame memory."""
        data = self._fifo[self._read_at : self._read_at + count]
        self._read_at += len(data)
        missing = count - len(data)
        if missing:
            self._report(
                "fifo-underrun",
                f"read {missing} bytes past the {len(self._fifo)} that the frame memory holds"
                + (" while a capture is running" if self._capture else ""),
            )
            # FIDELITY:
            #   model: Past the end of the frame the last byte repeats.
            #   silicon: The module returns what its SDRAM held before.
            #   hides: Nothing: the read is reported.
            data += (self._fifo[-1:] or b"\x00") * missing
        return data

    # -- registers
    def _read(self, address: int) -> int:
        length = len(self._fifo)
        match address:
            case Register.VERSION:
                return VERSION
            case Register.TRIGGER:
                return (TRIGGER_DONE if self._done else 0) | (
                    TRIGGER_VSYNC if self._sensor.vsync else 0
                )
            case Register.SIZE_LOW:
                return length & 0xFF
            case Register.SIZE_MIDDLE:
                return length >> 8 & 0xFF
            case Register.SIZE_HIGH:
                return length >> 16
        if address < len(self._registers):
            return self._registers[address]
        self._report("not-modelled", f"ArduChip register {address:#04x} read: Facet has no model")
        return 0

    def _write(self, address: int, value: int) -> None:
        if address >= len(self._registers):
            self._report(
                "not-modelled", f"ArduChip register {address:#04x} written: Facet has no model"
            )
            return
        if address == Register.RESET:
            self.reset()
            self._registers[address] = value
            self._on_gpio()
            return
        if self._registers[Register.RESET] & RESET_CPLD:
            return  # held in reset
        if address == Register.FIFO:
            self._control_fifo(value)
            return
        self._registers[address] = value
        if address == Register.GPIO:
            self._on_gpio()

    def _control_fifo(self, value: int) -> None:
        # FIDELITY:
        #   model: Both clear (bit 0) and start empty the memory and reset both pointers. Bits 4 and
        #     5 reset the pointers that ArduCAM.h names (read, write).
        #   silicon: The hardware application note names bits 4 and 5 the other way round.
        #   hides: A driver that writes only one of them.
        if value & FIFO_CLEAR:
            self._done = False
            self._read_at = 0
            self._fifo = b""
        if value & FIFO_RESET_READ:
            self._read_at = 0
        if value & FIFO_RESET_WRITE:
            self._fifo = b""
        if value & FIFO_START:
            if self._done:
                self._report(
                    "fifo-not-cleared",
                    "capture started (0x04 bit 1) while the done flag of the last one is set; "
                    "clear it first (0x04 bit 0), or the flag is set from the start",
                )
            frames = self._registers[Register.CAPTURE] & 7
            endless = frames == FRAMES_UNTIL_FULL
            self._fifo = b""
            self._read_at = 0
            self._capture = Capture(FIFO_BYTES if endless else frames + 1)

    # -- the sensor's side
    def frame_started(self) -> None:
        """Handles a VSYNC of the sensor: one frame ends, and the next begins."""
        capture = self._capture
        if capture is None:
            return
        if capture.storing is not None:
            self._store(capture, capture.storing)
        if capture.frames_left == 0:
            self._capture = None
            self._done = True
            self._fifo = b"".join(capture.stored)[:FIFO_BYTES]
            return
        capture.frames_left -= 1
        capture.storing = self._sensor.picture()

    def _store(self, capture: Capture, picture: Picture) -> None:
        timing = self._registers[Register.TIMING]
        expected = bool(timing & TIMING_HREF_LOW), bool(timing & TIMING_VSYNC_LOW)
        if expected != self._sensor.polarity:
            self._report(
                "camera-polarity",
                f"ArduChip register 0x03 = {timing:#04x} expects other levels of HREF and VSYNC "
                "than the sensor's COM10 gives; nothing is stored",
            )
        else:
            capture.stored.append(picture.data)
            capture.size += len(picture.data)
            self._on_stored(picture)
        if capture.size >= FIFO_BYTES or not picture.data:
            capture.frames_left = 0

    def _report(self, rule: str, message: str) -> None:
        """Reports a violation once for each chip select, except consequences of a wrong clock."""
        if rule not in self._reported and not self._reported & _CLOCKING:
            self._reported.add(rule)
            self._services.violation(rule, f"{self._name}: {message}")
