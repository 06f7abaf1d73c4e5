"""Wait states (RM0351, section 3) and voltage ranges (section 5)."""

from __future__ import annotations

import pytest

from facet.chip.stm32l4.flash import needed_wait_states
from facet.time import us
from tests.chip.stm32l4.mcu import Mcu

PWREN = 1 << 28


@pytest.mark.parametrize(
    ("mhz", "voltage_range", "wait_states"),
    [(16, 1, 0), (17, 1, 1), (48, 1, 2), (64, 1, 3), (80, 1, 4), (6, 2, 0), (16, 2, 2), (26, 2, 3)],
)
def test_wait_states_follow_table_9(mhz: int, voltage_range: int, wait_states: int) -> None:
    assert needed_wait_states(mhz * 1_000_000, voltage_range) == wait_states


def test_too_few_wait_states_are_reported_with_the_number_needed(mcu: Mcu) -> None:
    mcu.write("RCC_PLLCFGR", 1 << 24 | 40 << 8 | 1)
    mcu.set("RCC_CR", 1 << 24)
    mcu.run(us(50))
    mcu.write("FLASH_ACR", 0x702)
    mcu.set("RCC_CFGR", 3)
    assert mcu.host.violations == [
        (
            "flash-latency",
            "FLASH: HCLK is 80 MHz in range 1 with ACR.LATENCY=2: 4 wait states are needed",
        )
    ]


def test_a_lower_voltage_needs_more_wait_states(mcu: Mcu) -> None:
    mcu.set("RCC_APB1ENR1", PWREN)
    mcu.set("RCC_CR", 1 << 8)
    mcu.run(us(2))
    mcu.set("RCC_CFGR", 1)  # 16 MHz: no wait state in range 1, two in range 2
    assert mcu.rules == []
    mcu.write("PWR_CR1", 2 << 9)
    assert mcu.rules == ["flash-latency"]


def test_the_cycle_model_follows_caches_and_wait_states(mcu: Mcu) -> None:
    received = []
    timing = mcu.chip.flash_timing
    timing.subscribe(
        lambda: received.append((timing.wait_states, timing.icache, timing.dcache, timing.prefetch))
    )
    mcu.write("FLASH_ACR", 0x504)
    mcu.write("FLASH_ACR", 0x504)
    assert received == [(4, False, True, True)]


def test_range_2_does_not_allow_80_mhz(mcu: Mcu) -> None:
    mcu.set("RCC_APB1ENR1", PWREN)
    mcu.run_at_80_mhz()
    mcu.write("PWR_CR1", 2 << 9)
    assert "voltage-range" in mcu.rules


def test_range_1_is_reached_when_vosf_falls(mcu: Mcu) -> None:
    """5.1.7: wait until VOSF is cleared before the frequency is raised."""
    mcu.set("RCC_APB1ENR1", PWREN)
    mcu.write("PWR_CR1", 2 << 9)
    mcu.write("PWR_CR1", 1 << 9)
    assert mcu.field("PWR_SR2", 10)
    assert mcu.chip.pwr.voltage_range == 2
    mcu.run(us(50))
    assert not mcu.field("PWR_SR2", 10)
    assert mcu.chip.pwr.voltage_range == 1


def test_a_forbidden_range_keeps_the_old_one(mcu: Mcu) -> None:
    mcu.set("RCC_APB1ENR1", PWREN)
    mcu.write("PWR_CR1", 0)
    assert mcu.field("PWR_CR1", 9, 2) == 1
    assert mcu.rules == ["voltage-range-forbidden"]


def test_low_power_run_allows_2_mhz(mcu: Mcu) -> None:
    mcu.set("RCC_APB1ENR1", PWREN)
    mcu.set("PWR_CR1", 1 << 14)
    assert mcu.rules == ["low-power-run"]
    mcu.write("RCC_CR", 0x63 & ~0xF0 | 5 << 4 | 8)
    assert mcu.state == "low-power run 2 MHz"
    mcu.clear("PWR_CR1", 1 << 14)
    assert mcu.field("PWR_SR2", 9)
    mcu.run(us(10))
    assert not mcu.field("PWR_SR2", 9)


def test_flash_is_unlocked_by_its_two_keys(mcu: Mcu) -> None:
    mcu.write("FLASH_CR", 2)
    assert mcu.rules == ["flash-locked"]
    mcu.write("FLASH_KEYR", 0x4567_0123)
    mcu.write("FLASH_KEYR", 0xCDEF_89AB)
    mcu.write("FLASH_CR", 2)
    assert mcu.read("FLASH_CR") == 0x4000_0002


def test_a_wrong_key_locks_flash_until_the_next_reset(mcu: Mcu) -> None:
    mcu.write("FLASH_KEYR", 1)
    mcu.write("FLASH_KEYR", 0x4567_0123)
    mcu.write("FLASH_KEYR", 0xCDEF_89AB)
    assert mcu.field("FLASH_CR", 31)
    assert mcu.rules == ["flash-key"] * 3
    mcu.chip.reset("software")
    mcu.write("FLASH_KEYR", 0x4567_0123)
    mcu.write("FLASH_KEYR", 0xCDEF_89AB)
    assert not mcu.field("FLASH_CR", 31)


@pytest.mark.parametrize(("enable", "reset"), [(1 << 9, 1 << 11), (1 << 10, 1 << 12)])
def test_a_cache_is_reset_while_it_is_off(mcu: Mcu, enable: int, reset: int) -> None:
    """RM0351 3.7.1: ICRST and DCRST are written while the cache is off; they may stay set."""
    mcu.clear("FLASH_ACR", enable)
    mcu.set("FLASH_ACR", reset)
    mcu.set("FLASH_ACR", enable)
    mcu.set("FLASH_ACR", 1 << 8)
    mcu.clear("FLASH_ACR", reset)
    assert mcu.rules == []


@pytest.mark.parametrize("reset", [1 << 11, 1 << 12])
def test_the_reset_of_a_cache_that_is_on_is_reported(mcu: Mcu, reset: int) -> None:
    mcu.set("FLASH_ACR", reset)
    assert mcu.rules == ["flash-cache"]
