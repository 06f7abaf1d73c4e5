"""The independent watchdog (RM0351, section 36)."""

from __future__ import annotations

from facet.time import ms, s, us
from tests.chip.stm32l4.mcu import Mcu

START, RELOAD, UNLOCK = 0xCCCC, 0xAAAA, 0x5555


def start(mcu: Mcu, prescaler: int, reload: int) -> None:
    """Follows the manual (36.3.3): start, unlock, set, wait, reload."""
    mcu.write("IWDG_KR", START)
    mcu.write("IWDG_KR", UNLOCK)
    mcu.write("IWDG_PR", prescaler)
    mcu.write("IWDG_RLR", reload)
    while mcu.read("IWDG_SR"):
        mcu.run(us(10))
    mcu.write("IWDG_KR", RELOAD)


def test_it_starts_lsi_and_resets_the_chip_when_it_is_not_fed(mcu: Mcu) -> None:
    start(mcu, 3, 999)  # 32 kHz / 32: 1000 ticks of 1 ms
    assert mcu.chip.rcc.lsi.hz == 32_000
    mcu.run(ms(999))
    assert mcu.reset_requests == []
    mcu.run(ms(2))
    assert mcu.reset_requests == ["watchdog"]
    assert mcu.rules == ["watchdog"]


def test_feeding_it_keeps_the_chip_alive(mcu: Mcu) -> None:
    start(mcu, 3, 999)
    for _ in range(5):
        mcu.run(ms(900))
        mcu.write("IWDG_KR", RELOAD)
    assert mcu.reset_requests == []


def test_its_registers_are_locked_without_the_key(mcu: Mcu) -> None:
    mcu.write("IWDG_PR", 4)
    assert mcu.read("IWDG_PR") == 0
    assert mcu.rules == ["iwdg-locked"]


def test_a_register_is_busy_for_five_clocks_after_a_write(mcu: Mcu) -> None:
    mcu.write("IWDG_KR", START)
    mcu.run(ms(1))
    mcu.write("IWDG_KR", UNLOCK)
    mcu.write("IWDG_PR", 4)
    assert mcu.read("IWDG_SR") == 1
    mcu.write("IWDG_PR", 5)
    assert mcu.rules == ["iwdg-busy"]
    mcu.run(us(160))
    assert mcu.read("IWDG_SR") == 0


def test_feeding_it_too_early_resets_the_chip(mcu: Mcu) -> None:
    """36.3.2: a reload while the counter is above the window is a reset."""
    start(mcu, 3, 999)
    mcu.write("IWDG_KR", UNLOCK)
    mcu.write("IWDG_WINR", 500)
    mcu.run(ms(100))
    mcu.write("IWDG_KR", RELOAD)
    assert mcu.reset_requests == ["watchdog"]


def test_it_resets_the_chip_in_stop_2_too(mcu: Mcu) -> None:
    start(mcu, 3, 999)
    mcu.set("RCC_APB1ENR1", 1 << 28)
    mcu.write("PWR_CR1", 0x202)
    mcu.chip.enter_low_power(True)
    mcu.run(s(1.1))
    assert mcu.reset_requests == ["watchdog"]


def test_a_reset_stops_it(mcu: Mcu) -> None:
    start(mcu, 3, 999)
    mcu.chip.reset("software")
    mcu.run(s(5))
    assert mcu.reset_requests == []
    assert mcu.chip.rcc.lsi.hz == 0
