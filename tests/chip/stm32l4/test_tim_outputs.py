"""The timers' outputs: PWM, toggle, polarity, and their pins on the chip."""

from __future__ import annotations

import pytest

from facet.board.net import Net
from facet.time import ms, us
from tests.chip.stm32l4.mcu import Mcu
from tests.chip.stm32l4.tim_bench import (
    ACTIVE,
    CEN,
    HIGH,
    INACTIVE,
    PWM_1,
    PWM_2,
    TOGGLE,
    Bench,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_pwm_1_is_high_below_its_compare(bench: Bench) -> None:
    bench.output(PWM_1, 100, 30)
    bench.chip.run(us(250))
    assert bench.pins.times() == [(0, 1), (30, 0), (100, 1), (130, 0), (200, 1), (230, 0)]


def test_pwm_2_is_the_inverse_and_polarity_inverts_it(bench: Bench) -> None:
    bench.output(PWM_2, 100, 30)
    bench.chip.run(us(110))
    assert bench.pins.times() == [(0, 0), (30, 1), (100, 0)]
    bench.firmware.write("CCER", 1 | 2)
    assert bench.pins.times()[-1] == (110, 1)


@pytest.mark.parametrize(("compare", "level"), [(0, 0), (100, 1), (5000, 1)])
def test_pwm_at_its_limits_is_constant(bench: Bench, compare: int, level: int) -> None:
    bench.output(PWM_1, 100, compare)
    bench.chip.run(us(1000))
    assert bench.pins.times() == [(0, level)]


def test_a_toggled_output_has_half_the_frequency(bench: Bench) -> None:
    bench.output(TOGGLE, 100, 20)
    bench.chip.run(us(330))
    assert bench.pins.times() == [(0, 0), (20, 1), (120, 0), (220, 1), (320, 0)]


@pytest.mark.parametrize(("mode", "levels"), [(ACTIVE, [0, 1]), (INACTIVE, [0]), (HIGH, [1])])
def test_an_output_is_set_cleared_or_forced(bench: Bench, mode: int, levels: list[int]) -> None:
    bench.output(mode, 100, 20)
    bench.chip.run(us(150))
    assert [level for _, level in bench.pins.times()] == levels


def test_an_output_that_no_pin_carries_costs_no_events(bench: Bench) -> None:
    bench.output(PWM_1, 100, 30)
    bench.pins.routed.clear()
    bench.firmware.read("SR")
    bench.timer.pins_changed()
    before = bench.chip.events_run
    bench.chip.run(ms(10))
    assert bench.chip.events_run == before
    assert bench.pins.times()[-1][1] is None


def test_a_toggled_output_without_a_pin_keeps_its_parity(bench: Bench) -> None:
    bench.output(TOGGLE, 100, 20)
    bench.pins.routed.clear()
    bench.timer.pins_changed()
    bench.chip.run(us(100 * 7 + 50))  # eight matches
    bench.pins.routed.add("TIM2_CH1")
    bench.timer.pins_changed()
    assert bench.pins.times()[-1] == (750, 0)
    bench.chip.run(us(70))
    assert bench.pins.times()[-1] == (820, 1)


def test_outputs_of_an_advanced_timer_need_moe() -> None:
    bench = Bench("TIM1")
    bench.pins.routed |= {"TIM1_CH1", "TIM1_CH1N"}
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 30)
    bench.firmware.write("CCMR1_Output", PWM_1 << 4)
    bench.firmware.write("CCER", 1 | 4)
    bench.firmware.write("CR1", CEN)
    bench.chip.run(us(10))
    assert bench.pins.edges == {}
    bench.firmware.write("BDTR", 1 << 15)
    bench.chip.run(us(50))
    assert bench.pins.times("TIM1_CH1") == [(10, 1), (30, 0)]
    assert bench.pins.times("TIM1_CH1N") == [(10, 0), (30, 1)]


def test_a_pwm_output_reaches_its_pin(mcu: Mcu) -> None:
    mcu.set("RCC_AHB2ENR", 1)
    mcu.set("RCC_APB1ENR1", 1)
    edges: list[int | None] = []
    net: Net = mcu.wiring.net("PA5")
    net.watch(edges.append)
    mcu.write("GPIOA_AFRL", 1 << 20)  # PA5: TIM2_CH1
    mcu.write("GPIOA_MODER", 0xABFF_FFFF & ~(1 << 10))
    mcu.write("TIM2_PSC", 3)
    mcu.write("TIM2_ARR", 99)
    mcu.write("TIM2_CCR1", 25)
    mcu.write("TIM2_CCMR1_Output", PWM_1 << 4)
    mcu.write("TIM2_CCER", 1)
    mcu.write("TIM2_EGR", 1)
    mcu.write("TIM2_CR1", CEN)
    mcu.run(us(210))
    assert [level for level in edges if level is not None] == [1, 0, 1, 0, 1]
    mcu.set("GPIOA_MODER", 3 << 10)  # analog: the timer releases the pin
    assert net.level is None
    assert mcu.rules == []
