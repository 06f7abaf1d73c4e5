"""The timers' compare channels, as a driver uses them."""

from __future__ import annotations

import pytest

from facet.chip.stm32l4.variants import STM32L432KC
from facet.time import Time, ms, us
from tests.chip.stm32l4.mcu import Mcu
from tests.chip.stm32l4.tim_bench import (
    CC1,
    CC2,
    CC3,
    CC4,
    CEN,
    DIR,
    IRQ,
    OPM,
    UG,
    UIE,
    UIF,
    Bench,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_compare_interrupts_at_its_count_without_an_output(bench: Bench) -> None:
    """ChibiOS and RIOT use TIM2 in this way for their ticks: CCxIE, and CCER stays 0."""
    bench.run_freely()
    bench.firmware.write("CCR1", 1000)
    bench.firmware.write("DIER", CC1)
    bench.chip.run(us(999))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}
    assert bench.sr() & CC1
    assert bench.firmware.read("CNT") == 1000
    bench.clear(CC1)
    assert bench.chip.interrupts == set()
    assert bench.chip.rules == []


@pytest.mark.parametrize(("number", "flag"), [(1, CC1), (2, CC2), (3, CC3), (4, CC4)])
def test_each_channel_has_its_flag_and_its_enable(bench: Bench, number: int, flag: int) -> None:
    bench.run_freely()
    bench.firmware.write(f"CCR{number}", 50)
    bench.firmware.write("DIER", flag)
    bench.chip.run(us(50))
    assert bench.chip.interrupts == {IRQ}
    assert bench.sr() == flag


def test_the_next_compare_is_set_from_the_handler(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("DIER", CC1)
    for tick in range(1, 5):
        bench.firmware.write("CCR1", 250 * tick)
        bench.chip.run(us(249))
        assert bench.chip.interrupts == set()
        bench.chip.run(us(1))
        assert bench.chip.interrupts == {IRQ}
        bench.clear(CC1)


def test_a_16_bit_counter_wraps_to_its_compare() -> None:
    bench = Bench("TIM3")
    bench.run_freely()
    bench.firmware.write("CNT", 0xFFF0)
    bench.firmware.write("SR", 0)
    bench.firmware.write("CCR2", 0x10)
    bench.firmware.write("DIER", CC2)
    bench.chip.run(us(0x1F))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}


def test_a_32_bit_counter_reaches_far_compares(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("CCR1", 3_000_000_000)
    bench.firmware.write("DIER", CC1)
    bench.chip.run(Time(2_999_999_999 * us(1)))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}
    assert bench.chip.events_run <= 2


def test_flags_are_set_without_interrupts_and_cost_no_events(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("CCR3", 70)
    bench.chip.run(us(69))
    assert bench.sr() == 0
    bench.chip.run(us(1))
    assert bench.sr() == CC3
    assert bench.chip.events_run == 0


def test_ug_and_a_written_counter_match_equal_compares(bench: Bench) -> None:
    """UG sets the counter to 0, which the compare registers hold after reset."""
    bench.firmware.write("EGR", UG)
    assert bench.sr() == UIF | CC1 | CC2 | CC3 | CC4
    bench.firmware.write("SR", 0)
    bench.firmware.write("CCR2", 77)
    bench.firmware.write("CNT", 77)
    assert bench.sr() == CC2


def test_the_firmware_can_set_a_channels_flag(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("DIER", CC2)
    bench.firmware.write("EGR", CC2)
    assert bench.sr() == CC2
    assert bench.chip.interrupts == {IRQ}
    assert bench.chip.rules == []


def test_a_compare_above_the_period_matches_at_the_overflow(bench: Bench) -> None:
    """31.4.5: CC1IF goes high on the counter overflow when CCR1 is greater than ARR."""
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 5000)
    bench.run_freely()
    bench.firmware.write("DIER", CC1)
    bench.chip.run(us(99))
    assert bench.sr() == 0
    bench.chip.run(us(1))
    assert bench.sr() & CC1


def test_a_preloaded_compare_waits_for_the_update(bench: Bench) -> None:
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 30)
    bench.firmware.write("CCMR1_Output", 1 << 3)  # OC1PE
    bench.run_freely()
    bench.firmware.write("CCR1", 60)
    bench.chip.run(us(30))
    assert bench.sr() & CC1
    bench.clear(CC1)
    bench.chip.run(us(70 + 59))
    assert not bench.sr() & CC1
    bench.chip.run(us(1))
    assert bench.sr() & CC1


def test_one_pulse_mode_stops_after_the_compare_and_the_period(bench: Bench) -> None:
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 40)
    bench.run_freely()
    bench.firmware.write("DIER", UIE | CC1)
    bench.firmware.write("CR1", CEN | OPM)
    bench.chip.run(us(40))
    assert bench.sr() == CC1
    bench.chip.run(us(60))
    assert bench.sr() & (CC1 | UIF) == CC1 | UIF
    assert not bench.firmware.read("CR1") & CEN
    bench.firmware.write("SR", 0)
    bench.chip.run(ms(1))
    assert bench.sr() == 0


def test_the_prescaler_divides_the_compare(bench: Bench) -> None:
    bench.firmware.write("PSC", 9)
    bench.run_freely()
    bench.firmware.write("CCR1", 20)
    bench.firmware.write("DIER", CC1)
    bench.chip.run(us(199))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}


def test_update_and_compare_share_the_line(bench: Bench) -> None:
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 10)
    bench.run_freely()
    bench.firmware.write("DIER", UIE | CC1)
    bench.chip.run(us(10))
    bench.clear(CC1)
    assert bench.chip.interrupts == set()
    bench.chip.run(us(90))
    assert bench.chip.interrupts == {IRQ}
    assert bench.sr() & (CC1 | UIF) == UIF


def test_an_advanced_timer_has_a_line_for_each() -> None:
    bench = Bench("TIM1", irq_compare=27)
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 10)
    bench.run_freely()
    bench.firmware.write("DIER", UIE | CC1)
    bench.chip.run(us(10))
    assert bench.chip.interrupts == {27}
    bench.chip.run(us(90))
    assert bench.chip.interrupts == {27, IRQ}


def test_the_repetition_counter_reduces_the_updates() -> None:
    """30.3.3: an update event every REP + 1 overflows."""
    bench = Bench("TIM1")
    bench.firmware.write("ARR", 99)
    bench.firmware.write("RCR", 2)
    bench.run_freely()
    bench.firmware.write("DIER", UIE)
    for _ in range(3):
        bench.chip.run(us(299))
        assert bench.chip.interrupts == set()
        bench.chip.run(us(1))
        assert bench.chip.interrupts == {IRQ}
        bench.clear(UIF)
    bench.firmware.write("DIER", 0)
    bench.chip.run(us(100 * 3 * 7 + 200))  # seven more, looked at once
    assert bench.sr() & UIF
    bench.clear(UIF)
    bench.chip.run(us(99))
    assert not bench.sr() & UIF
    bench.chip.run(us(1))
    assert bench.sr() & UIF


@pytest.mark.parametrize(
    ("register", "value", "what"),
    [
        ("CR1", DIR, "count up"),
        ("SMCR", 7, "slave mode"),
        ("SMCR", 1 << 14, "external clock"),
        ("DIER", 1 << 8, "DIER=0x100"),
        ("EGR", 1 << 6, "EGR=0x40"),
        ("CCMR1_Output", 1 << 16 | 4 << 4, "output mode 12"),
    ],
)
def test_modes_without_a_model_are_reported(
    bench: Bench, register: str, value: int, what: str
) -> None:
    bench.firmware.write(register, value)
    bench.firmware.write(register, value)
    assert bench.chip.rules == ["not-modelled"]
    assert what in bench.chip.violations[0][1]


def test_a_channel_as_an_input_is_reported(bench: Bench) -> None:
    bench.firmware.write("CCMR1_Output", 1)
    assert bench.chip.rules == []
    bench.firmware.write("CCER", 1)
    assert bench.chip.rules == ["not-modelled"]


def test_timers_share_lines_of_the_vector_table(mcu: Mcu) -> None:
    """TIM1_UP_TIM16 is position 25; it stays active while one of the two timers drives it."""
    mcu.set("RCC_APB2ENR", 1 << 11 | 1 << 17)
    for timer in ("TIM1", "TIM16"):
        mcu.write(f"{timer}_EGR", 1)
        mcu.write(f"{timer}_DIER", 1)
    assert 25 in mcu.host.interrupts
    mcu.write("TIM1_SR", 0)
    assert 25 in mcu.host.interrupts
    mcu.write("TIM16_SR", 0)
    assert 25 not in mcu.host.interrupts


def test_the_l432_has_its_own_timers() -> None:
    small = Mcu(STM32L432KC)
    names = {p.name for p in small.chip.bus.peripherals if p.name.startswith("TIM")}
    assert names == {"TIM1", "TIM2", "TIM6", "TIM7", "TIM15", "TIM16"}
