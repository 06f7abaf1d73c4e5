"""The timers as up-counters, as a driver uses them."""

from __future__ import annotations

import pytest

from facet.chip.stm32l4.tim import BasicTimer
from facet.time import ms, us
from tests.chip.fakes import FakeChip, Firmware

CLOCK_HZ = 80_000_000
CEN, UDIS, URS, OPM, DIR, ARPE = 1, 2, 4, 8, 16, 128
UIE = UIF = UG = 1
IRQ = 54


class Bench:
    """TIM6 on an 80 MHz clock."""

    def __init__(self) -> None:
        self.chip = FakeChip()
        self.clock = self.chip.clock("TIMCLK", CLOCK_HZ)
        self.timer = BasicTimer("TIM6", 0x4000_1000, self.chip, clock=self.clock, irq=IRQ)
        self.firmware = Firmware(self.timer)

    def one_millisecond(self, cr1: int = 0, dier: int = UIE) -> None:
        """1 MHz counted to 1000, as ST's HAL time base does it."""
        self.firmware.write("ARR", 999)
        self.firmware.write("PSC", 79)
        self.firmware.write("EGR", UG)
        self.firmware.write("SR", ~UIF)
        self.firmware.write("DIER", dier)
        self.firmware.write("CR1", CEN | cr1)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_interrupt_every_period(bench: Bench) -> None:
    bench.one_millisecond()
    for _ in range(3):
        bench.chip.run(ms(1) - 1)
        assert bench.chip.interrupts == set()
        bench.chip.run(us(0.000001))
        assert bench.chip.interrupts == {IRQ}
        bench.firmware.write("SR", ~UIF & 0xFFFF_FFFF)
        assert bench.chip.interrupts == set()


def test_the_counter_can_be_read_at_any_time(bench: Bench) -> None:
    bench.one_millisecond(dier=0)
    bench.chip.run(us(2345.6))
    assert bench.firmware.read("CNT") == 345
    assert bench.firmware.read("SR") == UIF
    assert bench.chip.events_run == 0  # no event is planned without an interrupt


def test_the_counter_keeps_its_value_when_stopped(bench: Bench) -> None:
    bench.one_millisecond()
    bench.chip.run(us(100))
    bench.firmware.clear("CR1", CEN)
    bench.chip.run(us(100))
    assert bench.firmware.read("CNT") == 100
    bench.firmware.set("CR1", CEN)
    bench.chip.run(us(50))
    assert bench.firmware.read("CNT") == 150


def test_a_stopped_clock_holds_the_counter(bench: Bench) -> None:
    bench.one_millisecond()
    bench.chip.run(us(100))
    bench.clock.set_hz(0)
    bench.chip.run(ms(5))
    bench.clock.set_hz(CLOCK_HZ)
    bench.chip.run(us(899))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}


def test_one_pulse_mode_stops_after_a_period(bench: Bench) -> None:
    bench.one_millisecond(cr1=OPM)
    bench.chip.run(ms(3))
    assert bench.firmware.read("CR1") & CEN == 0
    assert bench.firmware.read("CNT") == 0
    assert bench.firmware.read("SR") == UIF


def test_with_arpe_a_new_period_waits_for_the_update(bench: Bench) -> None:
    bench.one_millisecond(cr1=ARPE)
    bench.firmware.write("ARR", 499)
    bench.chip.run(us(999))
    assert bench.firmware.read("SR") == 0
    bench.chip.run(us(1))
    bench.firmware.write("SR", 0)
    bench.chip.run(us(500))
    assert bench.firmware.read("SR") == UIF


def test_the_prescaler_waits_for_the_update(bench: Bench) -> None:
    bench.one_millisecond()
    bench.firmware.write("PSC", 159)
    bench.chip.run(us(1000))
    bench.firmware.write("SR", 0)
    bench.chip.run(us(1999))
    assert bench.firmware.read("SR") == 0
    bench.chip.run(us(1))
    assert bench.firmware.read("SR") == UIF


def test_update_by_software_sets_uif_unless_urs(bench: Bench) -> None:
    bench.firmware.write("EGR", UG)
    assert bench.firmware.read("SR") == UIF
    bench.firmware.write("SR", 0)
    bench.firmware.write("CR1", URS)
    bench.firmware.write("EGR", UG)
    assert bench.firmware.read("SR") == 0


def test_a_basic_timer_has_no_compare_registers_and_no_directions() -> None:
    bench = Bench()
    bench.firmware.write("CR1", 0xFFFF_FFFF & ~CEN)
    assert bench.firmware.read("CR1") == 0x88E
    bench.firmware.write("DIER", 0xFFFF_FFFF)
    assert bench.firmware.read("DIER") == 0x101
    assert "CCR1" not in bench.timer.declared()
    assert bench.chip.rules == ["not-modelled"]  # UDE
