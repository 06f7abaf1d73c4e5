"""TIM16 measures the low-speed oscillators (RM0351, section 32 and 6.2.17)."""

from __future__ import annotations

import pytest

from facet.time import ms, us
from tests.chip.stm32l4.mcu import Mcu

TIM16_INTERRUPT = 25
CC1IF, CC1OF = 1 << 1, 1 << 9


@pytest.fixture
def tim16(mcu: Mcu) -> Mcu:
    """TIM16 counts 80 MHz and captures each eighth edge of LSI."""
    mcu.run_at_80_mhz()
    mcu.set("RCC_CSR", 1)
    mcu.run(us(200))
    mcu.set("RCC_APB2ENR", 1 << 17)
    mcu.write("TIM16_ARR", 0xFFFF)
    mcu.write("TIM16_OR1", 1)
    mcu.write("TIM16_CCMR1_Output", 3 << 2 | 1)
    mcu.write("TIM16_DIER", CC1IF)
    mcu.write("TIM16_CCER", 1)
    mcu.write("TIM16_CR1", 1)
    return mcu


def capture(mcu: Mcu) -> int:
    while not mcu.read("TIM16_SR") & CC1IF:
        mcu.run(us(1))
    assert TIM16_INTERRUPT in mcu.host.interrupts
    value = mcu.read("TIM16_CCR1")
    assert TIM16_INTERRUPT not in mcu.host.interrupts
    return value


def test_two_captures_give_the_frequency_of_lsi(tim16: Mcu) -> None:
    first, second = capture(tim16), capture(tim16)
    assert (second - first) % 0x10000 == 8 * 80_000_000 // 32_000
    assert tim16.rules == []


def test_an_unread_capture_sets_the_overcapture_flag(tim16: Mcu) -> None:
    tim16.run(ms(1))
    assert tim16.read("TIM16_SR") & CC1OF


def test_a_capture_from_a_pin_is_reported(tim16: Mcu) -> None:
    tim16.write("TIM16_CCER", 0)
    tim16.write("TIM16_OR1", 0)
    tim16.write("TIM16_CCER", 1)
    assert tim16.rules == ["not-modelled"]
