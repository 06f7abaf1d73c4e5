"""Pins (RM0351, section 8), their routes, and the interrupts that they raise (sections 9, 14)."""

from __future__ import annotations

import pytest

from facet.pinout.stm32l4 import L476_FUNCTIONS
from tests.chip.stm32l4.mcu import Mcu

EXTI0, EXTI9_5, EXTI15_10 = 6, 23, 40  # NVIC positions


@pytest.fixture
def pins(mcu: Mcu) -> Mcu:
    """The clocks of GPIOA, GPIOB, GPIOC, GPIOD and SYSCFG are on."""
    mcu.set("RCC_AHB2ENR", 0xF)
    mcu.set("RCC_APB2ENR", 1)
    return mcu


def test_an_output_drives_its_net(pins: Mcu) -> None:
    net = pins.wiring.net("PA5")
    assert net.level is None
    pins.write("GPIOA_MODER", 0xABFF_F7FF)
    assert net.level == 0
    pins.write("GPIOA_BSRR", 1 << 5)
    assert net.level == 1
    pins.write("GPIOA_BRR", 1 << 5)
    assert net.level == 0
    assert pins.rules == []


def test_bsrr_sets_before_it_clears(pins: Mcu) -> None:
    """8.5.7: if both BSx and BRx are set, BSx has priority."""
    pins.write("GPIOA_BSRR", 1 << 21 | 1 << 5)
    assert pins.read("GPIOA_ODR") == 1 << 5


def test_an_open_drain_output_never_drives_high(pins: Mcu) -> None:
    net = pins.wiring.net("PB8")
    pins.write("GPIOB_OTYPER", 1 << 8)
    pins.write("GPIOB_ODR", 1 << 8)
    pins.write("GPIOB_MODER", 0xFFFD_FEBF)
    assert net.level is None
    net.pull("R1", 1)
    assert net.level == 1
    pins.write("GPIOB_ODR", 0)
    assert net.level == 0


def test_two_outputs_against_each_other_are_a_short_circuit(pins: Mcu) -> None:
    pins.wiring.net("PA5").drive("other", 1)
    pins.write("GPIOA_MODER", 0xABFF_F7FF)
    assert pins.rules == ["short-circuit"]


def test_inputs_read_their_nets_and_analog_pins_read_0(pins: Mcu) -> None:
    pins.wiring.net("PC13").drive("B1", 1)
    assert pins.read("GPIOC_IDR") == 0  # analog after reset
    pins.write("GPIOC_MODER", 0xF3FF_FFFF)
    assert pins.read("GPIOC_IDR") == 1 << 13


def test_a_pull_up_sets_the_level_of_an_undriven_net(pins: Mcu) -> None:
    pins.write("GPIOC_MODER", 0xF3FF_FFFF)
    pins.write("GPIOC_PUPDR", 1 << 26)
    assert pins.wiring.net("PC13").level == 1


def test_a_reset_releases_every_pin(pins: Mcu) -> None:
    pins.write("GPIOA_MODER", 0xABFF_F7FF)
    pins.chip.reset("software")
    assert pins.wiring.net("PA5").level is None


def test_a_signal_is_found_at_its_pin(pins: Mcu) -> None:
    assert pins.chip.pins.pin_of("SPI1_SCK") is None
    pins.write("GPIOA_AFRL", 5 << 20)
    pins.write("GPIOA_MODER", 0xABFF_FBFF)
    assert pins.chip.pins.pin_of("SPI1_SCK") == "PA5"
    pins.write("GPIOA_AFRL", 1 << 20)
    assert pins.chip.pins.pin_of("SPI1_SCK") is None
    assert pins.chip.pins.pin_of("TIM2_CH1") == "PA5"


def test_two_pins_for_one_input_are_reported_once(pins: Mcu) -> None:
    pins.write("GPIOA_AFRL", 7 << 12)
    pins.write("GPIOA_MODER", 0xABFF_FFBF)
    pins.write("GPIOA_AFRH", 3 << 28)  # PA15 AF3: nothing
    pins.write("GPIOB_AFRL", 7 << 28)
    assert pins.chip.pins.pin_of("USART2_RX") == "PA3"
    pins.write("GPIOB_AFRL", 5 << 16)  # PB4: SPI1_MISO
    pins.write("GPIOB_MODER", 0xFFFF_FEBF)
    pins.write("GPIOA_AFRL", 5 << 24)  # PA6: SPI1_MISO
    pins.write("GPIOA_MODER", 0xABFF_EFFF)
    for _ in range(3):
        assert pins.chip.pins.pin_of("SPI1_MISO") == "PA6"
        pins.write("GPIOA_PUPDR", 0)
        pins.write("GPIOA_AFRL", 5 << 24)
    assert pins.host.violations == [
        ("two-pins-one-signal", "SPI1_MISO is routed to both PA6 and PB4")
    ]


def test_the_boards_signals_are_in_the_table() -> None:
    wired = {
        ("PA2", 7): "USART2_TX",
        ("PA3", 7): "USART2_RX",
        ("PB8", 4): "I2C1_SCL",
        ("PB9", 4): "I2C1_SDA",
        ("PA5", 5): "SPI1_SCK",
        ("PA6", 5): "SPI1_MISO",
        ("PA7", 5): "SPI1_MOSI",
        ("PA13", 0): "SWDIO",
        ("PA8", 0): "MCO",
    }
    assert {place: L476_FUNCTIONS[place] for place in wired} == wired


def test_a_pin_that_the_package_lacks_is_reported(pins: Mcu) -> None:
    pins.write("GPIOD_MODER", 0xFFFF_FBFF)  # PD5: not on LQFP64
    assert pins.host.violations == [("pin-not-bonded", "GPIOD: PD5 is not on this package")]


def test_a_locked_pin_keeps_its_configuration(pins: Mcu) -> None:
    """8.5.8: LCKK is written 1, 0, 1 with the pins, then read."""
    pins.write("GPIOA_MODER", 0xABFF_F7FF)
    for value in (1 << 16 | 1 << 5, 1 << 5, 1 << 16 | 1 << 5):
        pins.write("GPIOA_LCKR", value)
    assert pins.field("GPIOA_LCKR", 16)
    pins.write("GPIOA_MODER", 0xABFF_FFFF)
    assert pins.read("GPIOA_MODER") == 0xABFF_F7FF
    assert pins.rules == ["gpio-locked"]


@pytest.fixture
def button(pins: Mcu) -> Mcu:
    """PC13 is an input with a pull-up on the board, and feeds EXTI line 13."""
    pins.wiring.net("PC13").pull("R30", 1)
    pins.write("GPIOC_MODER", 0xF3FF_FFFF)
    pins.write("SYSCFG_EXTICR4", 2 << 4)
    return pins


def test_a_falling_edge_interrupts_until_its_pending_bit_is_cleared(button: Mcu) -> None:
    button.set("EXTI_IMR1", 1 << 13)
    button.set("EXTI_FTSR1", 1 << 13)
    net = button.wiring.net("PC13")
    net.drive("B1", 0)
    assert EXTI15_10 in button.host.interrupts
    net.drive("B1", None)  # the rising edge is not selected
    button.write("EXTI_PR1", 1 << 13)
    assert EXTI15_10 not in button.host.interrupts


def test_a_masked_line_stays_silent(button: Mcu) -> None:
    button.set("EXTI_FTSR1", 1 << 13)
    button.wiring.net("PC13").drive("B1", 0)
    assert button.read("EXTI_PR1") == 0
    assert not button.host.interrupts


def test_a_line_follows_the_port_that_exticr_selects(button: Mcu) -> None:
    button.write("SYSCFG_EXTICR4", 0)  # PA13
    button.set("EXTI_IMR1", 1 << 13)
    button.set("EXTI_FTSR1", 1 << 13)
    button.wiring.net("PC13").drive("B1", 0)
    assert button.read("EXTI_PR1") == 0


def test_an_analog_pin_makes_no_edge(button: Mcu) -> None:
    button.write("GPIOC_MODER", 0xFFFF_FFFF)
    button.set("EXTI_IMR1", 1 << 13)
    button.set("EXTI_FTSR1", 1 << 13)
    button.wiring.net("PC13").drive("B1", 0)
    assert not button.host.interrupts


def test_an_event_line_wakes_the_core_and_leaves_no_pending_bit(button: Mcu) -> None:
    """14.3.4: the pending bit is not set for an event."""
    button.set("EXTI_EMR1", 1 << 13)
    button.set("EXTI_FTSR1", 1 << 13)
    button.wiring.net("PC13").drive("B1", 0)
    assert button.core_events == 1
    assert button.read("EXTI_PR1") == 0


def test_software_triggers_a_line_once(button: Mcu) -> None:
    button.set("EXTI_IMR1", 1)
    button.write("EXTI_SWIER1", 1)
    assert EXTI0 in button.host.interrupts
    button.write("EXTI_PR1", 1)
    assert button.read("EXTI_SWIER1") == 0
    assert EXTI0 not in button.host.interrupts


def test_lines_5_to_9_share_an_interrupt(button: Mcu) -> None:
    button.set("EXTI_IMR1", 1 << 5 | 1 << 9)
    button.write("EXTI_SWIER1", 1 << 5 | 1 << 9)
    button.write("EXTI_PR1", 1 << 5)
    assert EXTI9_5 in button.host.interrupts
    button.write("EXTI_PR1", 1 << 9)
    assert EXTI9_5 not in button.host.interrupts
