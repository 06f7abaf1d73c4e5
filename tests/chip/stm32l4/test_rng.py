"""The random number generator (RM0351, section 27)."""

from __future__ import annotations

import pytest

from facet.chip.stm32l4.variants import STM32L432KC
from facet.time import us
from tests.chip.stm32l4.mcu import Mcu

RNGEN, IE = 1 << 2, 1 << 3
DRDY, CECS, CEIS = 1, 2, 1 << 5
INTERRUPT = 80


@pytest.fixture
def rng(mcu: Mcu) -> Mcu:
    """The RNG clocked from MSI, which runs at 4 MHz as the core does."""
    mcu.set("RCC_AHB2ENR", 1 << 18)
    mcu.write("RCC_CCIPR", 3 << 26)
    return mcu


def numbers(mcu: Mcu, count: int) -> list[int]:
    found = []
    for _ in range(count):
        mcu.run(us(10))
        assert mcu.read("RNG_SR") == DRDY
        found.append(mcu.read("RNG_DR"))
    return found


def test_a_number_is_ready_every_40_clocks(rng: Mcu) -> None:
    rng.write("RNG_CR", RNGEN)
    rng.run(us(9.9))
    assert rng.read("RNG_SR") == 0
    rng.run(us(0.2))
    assert rng.read("RNG_SR") == DRDY
    first = rng.read("RNG_DR")
    assert rng.read("RNG_SR") == 0
    rng.run(us(10))
    assert rng.read("RNG_DR") != first
    assert rng.rules == []


def test_the_same_seed_gives_the_same_numbers() -> None:
    found = []
    for seed in (1, 1, 2):
        mcu = Mcu(seed=seed)
        mcu.set("RCC_AHB2ENR", 1 << 18)
        mcu.write("RCC_CCIPR", 3 << 26)
        mcu.write("RNG_CR", RNGEN)
        found.append(numbers(mcu, 20))
    assert found[0] == found[1]
    assert not set(found[0]) & set(found[2])
    assert len(set(found[0])) == 20


def test_the_sequence_continues_after_a_reset(rng: Mcu) -> None:
    rng.write("RNG_CR", RNGEN)
    first = numbers(rng, 3)
    rng.chip.reset("software")
    rng.set("RCC_AHB2ENR", 1 << 18)
    rng.write("RCC_CCIPR", 3 << 26)
    rng.write("RNG_CR", RNGEN)
    assert not set(first) & set(numbers(rng, 3))


def test_a_number_interrupts(rng: Mcu) -> None:
    rng.write("RNG_CR", RNGEN | IE)
    assert INTERRUPT not in rng.host.interrupts
    rng.run(us(10))
    assert INTERRUPT in rng.host.interrupts
    rng.read("RNG_DR")
    assert INTERRUPT not in rng.host.interrupts


def test_a_start_without_the_clock_is_reported(mcu: Mcu) -> None:
    mcu.set("RCC_AHB2ENR", 1 << 18)
    mcu.write("RNG_CR", RNGEN)
    mcu.run(us(1000))
    assert mcu.read("RNG_SR") & DRDY == 0
    assert mcu.read("RNG_SR") & CECS
    assert mcu.rules == ["rng-no-clock"]


def test_an_early_read_is_reported(rng: Mcu) -> None:
    rng.write("RNG_CR", RNGEN)
    assert rng.read("RNG_DR") == 0
    assert rng.rules == ["rng-not-ready"]


def test_a_clock_below_a_sixteenth_of_hclk_is_an_error(rng: Mcu) -> None:
    """27.6.2, CECS: MSI at 4 MHz is too slow for a core at 80 MHz."""
    rng.run_at_80_mhz()
    rng.write("RNG_CR", RNGEN)
    assert rng.read("RNG_SR") & (CECS | CEIS) == CECS | CEIS
    rng.write("RNG_SR", 0)
    assert rng.read("RNG_SR") & CEIS == 0


@pytest.mark.parametrize(
    ("choice", "config", "on"),
    [
        (2, ("PLLCFGR", 1 | 24 << 8 | 1 << 20), 1 << 24),  # PLLQ: 4 MHz * 24 / 2
        (1, ("PLLSAI1CFGR", 24 << 8 | 1 << 20), 1 << 26),  # PLLSAI1Q
    ],
)
def test_a_plls_q_output_clocks_it(rng: Mcu, choice: int, config: tuple[str, int], on: int) -> None:
    rng.write("RCC_PLLCFGR", 1)
    register, value = config
    rng.write(f"RCC_{register}", value)
    rng.write("RCC_CCIPR", choice << 26)
    assert rng.chip.rcc.clk48.hz == 0
    rng.set("RCC_CR", on)
    rng.run(us(50))
    assert rng.chip.rcc.clk48.hz == 48_000_000
    rng.write("RNG_CR", RNGEN)
    rng.run(us(1))
    assert rng.read("RNG_SR") == DRDY
    assert rng.rules == []


def test_hsi48_clocks_it_on_the_l432() -> None:
    """RM0394 6.4.31: CRRCR, which the STM32L476 does not have."""
    small = Mcu(STM32L432KC)
    small.set("RCC_AHB2ENR", 1 << 18)
    small.write("RCC_CIER", 1 << 10)
    small.set("RCC_CRRCR", 1)
    small.run(us(7))
    assert small.field("RCC_CRRCR", 1)
    assert 5 in small.host.interrupts
    small.write("RNG_CR", RNGEN)
    small.run(us(1))
    assert small.read("RNG_SR") == DRDY
    assert small.rules == []


def test_the_l476_has_no_hsi48(mcu: Mcu) -> None:
    mcu.chip.bus.write(0x4002_1098, 4, 1)
    assert mcu.rules == ["no-such-register"]
