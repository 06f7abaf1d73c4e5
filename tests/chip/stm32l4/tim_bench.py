"""A timer with a fake chip and pins, for the tests of its channels."""

from __future__ import annotations

from facet.chip.stm32l4.tim_channels import ChannelTimer
from facet.chip.stm32l4.tim_registers import KINDS
from facet.time import Time
from tests.chip.fakes import FakeChip, Firmware

CEN, URS, OPM, DIR, ARPE = 1, 4, 8, 16, 128
UIF = UIE = UG = 1
CC1, CC2, CC3, CC4 = 2, 4, 8, 16  # CCxIF, CCxIE, CCxG
FROZEN, ACTIVE, INACTIVE, TOGGLE, LOW, HIGH, PWM_1, PWM_2 = range(8)
IRQ = 28


class Bench:
    """A timer that counts 1 MHz."""

    def __init__(self, name: str = "TIM2", irq_compare: int | None = None) -> None:
        self.chip = FakeChip()
        self.pins = Pins(self.chip)
        self.timer = ChannelTimer(
            *(name, 0x4000_0000, self.chip),
            kind=KINDS[name],
            clock=self.chip.clock("TIMCLK", 1_000_000),
            irq=IRQ,
            irq_compare=irq_compare,
            outputs=self.pins,
        )
        self.firmware = Firmware(self.timer)

    def sr(self) -> int:
        return self.firmware.read("SR")

    def clear(self, flags: int) -> None:
        self.firmware.write("SR", ~flags & 0xFFFF_FFFF)

    def run_freely(self) -> None:
        """Runs as an operating system's tick does: without an output."""
        self.firmware.write("EGR", UG)
        self.firmware.write("SR", 0)
        self.firmware.write("CR1", CEN)

    def output(self, mode: int, period: int, compare: int) -> None:
        """Channel 1 drives its pin."""
        self.pins.routed.add("TIM2_CH1")
        self.firmware.write("ARR", period - 1)
        self.firmware.write("CCR1", compare)
        self.firmware.write("CCMR1_Output", mode << 4)
        self.firmware.write("CCER", 1)
        self.firmware.write("EGR", UG)
        self.firmware.write("CR1", CEN)


class Pins:
    """Keeps what the timer drives."""

    def __init__(self, chip: FakeChip) -> None:
        self._chip = chip
        self.routed: set[str] = set()
        self.edges: dict[str, list[tuple[Time, int | None]]] = {}

    def is_routed(self, signal: str) -> bool:
        return signal in self.routed

    def drive(self, signal: str, level: int | None) -> None:
        edges = self.edges.setdefault(signal, [])
        if not edges or edges[-1][1] != level:
            edges.append((self._chip.now, level))

    def times(self, signal: str = "TIM2_CH1") -> list[tuple[float, int | None]]:
        """The edges in microseconds."""
        return [(at.in_us, level) for at, level in self.edges.get(signal, [])]
