"""A test bench: a camera module on its nets, and a driver's moves on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins, Wiring
from facet.device.arducam_ov2640 import ArducamMini2mpPlus
from facet.device.camera_view import CameraView, StillView
from facet.rules import find
from facet.state import State
from facet.time import ZERO, Time, ms
from facet.timeline import Event, EventQueue

MODE_0 = SpiMode(hz=5_000_000, cpol=0, cpha=0)
ADDRESS = 0x30
SENSOR = 1
DSP = 0

# The least a driver writes for the CIF sensor, the window 288x288 at (56, 4) and YUYV at 96x96.
SENSOR_LIST = (
    (0x12, 0x20), (0x3D, 0x38), (0x11, 0x00), (0x09, 0x02), (0x04, 0x28), (0x13, 0xE5),
    (0x14, 0x48), (0x24, 0x40), (0x25, 0x38), (0x26, 0x82), (0x17, 0x11), (0x18, 0x43),
    (0x19, 0x00), (0x1A, 0x25), (0x32, 0x89), (0x03, 0x0A),
)  # fmt: skip
DSP_LIST = (
    (0xE0, 0x04), (0xC0, 0x32), (0xC1, 0x25), (0x8C, 0x00), (0x86, 0x3D), (0x50, 0x80),
    (0x51, 0x48), (0x52, 0x48), (0x53, 0x38), (0x54, 0x04), (0x55, 0x00), (0x57, 0x00),
    (0x5A, 0x18), (0x5B, 0x18), (0x5C, 0x00), (0xD3, 0x82), (0xDA, 0x00), (0xC2, 0x0C),
    (0x05, 0x00), (0xE0, 0x00),
)  # fmt: skip


class Board:
    """Virtual time, and a record of what parts report."""

    def __init__(self) -> None:
        self.now = ZERO
        self.events = EventQueue()
        self.violations: list[tuple[str, str]] = []
        self.states: list[tuple[Time, str, State]] = []

    def schedule(self, delay: Time, action: Callable[[], None], name: str) -> Event:
        return self.events.at(self.now + delay, action, name)

    def violation(self, rule: str, message: str) -> None:
        find(rule)
        self.violations.append((rule, message))

    def state(self, subject: str, state: State) -> None:
        self.states.append((self.now, subject, state))

    @property
    def state_texts(self) -> list[tuple[Time, str, str]]:
        """The states as a person reads them, each once."""
        spoken: list[tuple[Time, str, str]] = []
        for at, subject, state in self.states:
            if not spoken or spoken[-1][1:] != (subject, state.text):
                spoken.append((at, subject, state.text))
        return spoken

    def run(self, span: Time) -> None:
        end = self.now + span
        while (event := self.events.pop_due(end)) is not None:
            self.now = event.at
            event.action()
        self.now = end

    @property
    def rules(self) -> list[str]:
        return [rule for rule, _ in self.violations]


class Bench:
    """A camera wired as on the NUCLEO, driven by hand at its pins and buses."""

    def __init__(self, view: CameraView | None = None) -> None:
        self.board = Board()
        self.wiring = Wiring()
        self.pins = SpiPins("PA5", "PA6", "PA7")
        self.camera = ArducamMini2mpPlus.wired(
            self.wiring,
            self.board,
            view or StillView(np.full((296, 400), 100, np.uint8)),
            spi=self.pins,
            select="PB6",
            scl="PB8",
            sda="PB9",
            power="PC7",
        )
        self.bus = self.wiring.i2c_bus("PB8", "PB9")
        self.mode = MODE_0

    def drive(self, pin: str, level: int | None) -> None:
        self.wiring.net(pin).drive("chip", level)

    def power(self, on: bool) -> None:
        self.drive("PC7", int(on))
        self.drive("PB6", 1 if on else None)

    # -- SPI
    def spi(self, mosi: Iterable[int]) -> bytes:
        self.drive("PB6", 0)
        miso = self.wiring.spi_exchange(self.pins, bytes(mosi), self.mode)
        self.drive("PB6", 1)
        return miso

    def chip_read(self, register: int) -> int:
        return self.spi((register, 0))[1]

    def chip_write(self, register: int, value: int) -> None:
        self.spi((register | 0x80, value))

    def burst(self, count: int) -> bytes:
        return self.spi((0x3C, *bytes(count)))[1:]

    @property
    def length(self) -> int:
        low, middle, high = (self.chip_read(register) for register in (0x42, 0x43, 0x44))
        return low | middle << 8 | high << 16

    # -- SCCB
    def sccb_write(self, register: int, value: int, scl_hz: int = 100_000) -> bool:
        good = self.bus.start(ADDRESS, False, scl_hz)
        good = good and self.bus.write(register) and self.bus.write(value)
        self.bus.stop()
        return good

    def sccb_read(self, register: int, *, repeated_start: bool = False) -> int | None:
        if not (self.bus.start(ADDRESS, False, 100_000) and self.bus.write(register)):
            self.bus.stop()
            return None
        if not repeated_start:
            self.bus.stop()
        if not self.bus.start(ADDRESS, True, 100_000):
            return None
        value = self.bus.read()
        self.bus.stop()
        return value

    def bank(self, bank: int) -> None:
        assert self.sccb_write(0xFF, bank)

    # -- a whole driver
    def set_up(self, *more: tuple[int, int, int]) -> None:
        """Powers the module and writes the register lists, then `more` (bank, register, value)."""
        self.power(True)
        self.board.run(ms(10))
        self.bank(SENSOR)
        assert self.sccb_write(0x12, 0x80)
        self.board.run(ms(1))
        lists = [(SENSOR, *pair) for pair in SENSOR_LIST] + [(DSP, *pair) for pair in DSP_LIST]
        for bank, register, value in (*lists, *more):
            self.bank(bank)
            assert self.sccb_write(register, value)

    def settle(self) -> None:
        """Waits for automatic exposure: at least 20 frames at 60 a second."""
        self.board.run(ms(350))

    def start_capture(self) -> None:
        self.chip_write(0x04, 0x01)
        self.chip_write(0x04, 0x30)
        self.chip_write(0x04, 0x02)

    @property
    def done(self) -> bool:
        return bool(self.chip_read(0x41) & 0x08)

    def capture(self) -> bytes:
        """A frame, as a driver takes it."""
        self.start_capture()
        for _ in range(400):
            if self.done:
                return self.burst(self.length)
            self.board.run(ms(1))
        raise AssertionError("the done flag never rose")

    def capture_luma(self, width: int = 96, height: int = 96) -> npt.NDArray[np.uint8]:
        """The luma of a YUYV frame."""
        frame = np.frombuffer(self.capture(), np.uint8)
        return frame.reshape(height, width, 2)[:, :, 0]
