"""Sleep, Stop, Standby and Shutdown (RM0351, section 5.3)."""

from __future__ import annotations

import pytest

from facet.time import ms, ns, s, us
from tests.chip.stm32l4.mcu import Mcu

STOPWUCK = 1 << 15


@pytest.fixture
def awake(mcu: Mcu) -> Mcu:
    """The chip at 80 MHz, with PWR and GPIOA, GPIOC and SYSCFG clocked."""
    mcu.run_at_80_mhz()
    mcu.set("RCC_APB1ENR1", 1 << 28)
    mcu.set("RCC_AHB2ENR", 5)
    mcu.set("RCC_APB2ENR", 1)
    return mcu


def sleep(mcu: Mcu, lpms: int) -> str:
    mcu.write("PWR_CR1", mcu.read("PWR_CR1") & ~7 | lpms)
    return mcu.chip.enter_low_power(sleepdeep=True)


def test_sleep_keeps_the_clocks_and_takes_six_cycles_to_leave(awake: Mcu) -> None:
    assert awake.chip.enter_low_power(sleepdeep=False) == "sleep"
    assert awake.state == "sleep 80 MHz range 1"
    assert awake.mhz == 80
    assert awake.chip.leave_low_power() == ns(75)
    assert awake.state == "run 80 MHz range 1"


@pytest.mark.parametrize(("lpms", "mode"), [(0, "stop0"), (1, "stop1"), (2, "stop2")])
def test_stop_modes_stop_the_clocks_and_leave_on_msi(awake: Mcu, lpms: int, mode: str) -> None:
    """6.3: after Stop, SYSCLK is MSI at the range it had; PLL, HSE and HSI16 are off."""
    assert sleep(awake, lpms) == mode
    assert awake.state == mode
    assert awake.mhz == 0
    awake.run(s(1))
    assert awake.chip.leave_low_power() > us(4)
    assert awake.mhz == 4
    assert awake.field("RCC_CFGR", 0, 4) == 0
    assert not awake.field("RCC_CR", 24, 2)
    assert awake.rules == []


def test_stop_can_leave_on_hsi16(awake: Mcu) -> None:
    awake.set("RCC_CFGR", STOPWUCK)
    sleep(awake, 2)
    assert awake.chip.leave_low_power() == us(7.3)
    assert awake.mhz == 16
    assert awake.field("RCC_CFGR", 2, 2) == 1


def test_the_msi_range_and_the_plls_factors_survive_stop(awake: Mcu) -> None:
    awake.write("RCC_CR", awake.read("RCC_CR") & ~0xF0 | 11 << 4 | 8)
    awake.chip.reset("software")
    awake.set("RCC_APB1ENR1", 1 << 28)
    awake.write("FLASH_ACR", 0x704)
    awake.write("RCC_CR", 0x3 | 11 << 4 | 8)
    assert awake.mhz == 48
    sleep(awake, 2)
    assert awake.chip.leave_low_power() == us(8)
    assert awake.mhz == 48


def test_the_rtc_wakes_the_chip_from_stop_2_on_time(mcu: Mcu) -> None:
    mcu.start_rtc("LSE")
    mcu.set("EXTI_IMR1", 1 << 20)
    mcu.set("EXTI_RTSR1", 1 << 20)
    mcu.write("RTC_WUTR", 10239)  # 10240 * 16 / 32768 Hz = 5 s
    mcu.set("RTC_CR", 1 << 10 | 1 << 14)
    assert sleep(mcu, 2) == "stop2"
    mcu.run(ms(4999))
    assert not mcu.host.interrupts
    mcu.run(ms(2))
    assert mcu.host.interrupts == {3}


def test_a_falling_edge_on_a_pin_wakes_the_chip_from_stop_2(awake: Mcu) -> None:
    net = awake.wiring.net("PA3")
    net.pull("terminal", 1)
    awake.write("GPIOA_MODER", 0xABFF_FF3F)
    awake.set("EXTI_IMR1", 1 << 3)
    awake.set("EXTI_FTSR1", 1 << 3)
    sleep(awake, 2)
    net.drive("terminal", 0)
    assert awake.host.interrupts == {9}


def test_stop_is_not_entered_while_an_exti_line_is_pending(awake: Mcu) -> None:
    """Table 27, Stop 2 mode: all EXTI pending bits must be cleared, or the entry is ignored."""
    awake.set("EXTI_IMR1", 1)
    awake.write("EXTI_SWIER1", 1)
    assert sleep(awake, 2) == "run"
    assert awake.mhz == 80
    assert awake.host.violations == [
        ("low-power-ignored", "stop2 is not entered while EXTI_PR1.PIF0 is set: clear it first")
    ]


def test_low_power_run_reaches_stop_1_only(mcu: Mcu) -> None:
    """5.4.1, LPMS: from low-power run, Stop 1 is entered instead of Stop 2."""
    mcu.set("RCC_APB1ENR1", 1 << 28)
    mcu.write("RCC_CR", 0x3 | 5 << 4 | 8)
    mcu.set("PWR_CR1", 1 << 14)
    assert mcu.chip.enter_low_power(sleepdeep=False) == "low-power sleep"
    mcu.chip.leave_low_power()
    assert sleep(mcu, 2) == "stop1"


def test_standby_releases_the_pins_and_ends_in_a_reset(awake: Mcu) -> None:
    awake.write("GPIOA_MODER", 0xABFF_F7FF)
    awake.write("PWR_CR3", 0x8002)  # EIWF, WKUP2 (PC13)
    awake.write("PWR_SCR", 0x1F)
    assert awake.wiring.net("PA5").level == 0
    assert sleep(awake, 3) == "standby"
    assert awake.wiring.net("PA5").level is None
    awake.wiring.net("PC13").drive("B1", 1)
    assert awake.reset_requests == ["standby"]
    assert awake.chip.reset("standby") == us(20.1)
    assert awake.chip.lost_memory == ("SRAM1", "SRAM2")
    awake.set("RCC_APB1ENR1", 1 << 28)
    assert awake.field("PWR_SR1", 8)  # SBF
    assert awake.field("PWR_SR1", 1)  # WUF2
    assert awake.mhz == 4


def test_standby_can_keep_sram2(awake: Mcu) -> None:
    awake.set("PWR_CR3", 1 << 8)
    sleep(awake, 3)
    awake.chip.reset("standby")
    assert awake.chip.lost_memory == ("SRAM1",)


def test_standby_holds_pins_by_the_pulls_of_pwr(awake: Mcu) -> None:
    awake.write("PWR_PUCRA", 1 << 5)
    awake.set("PWR_CR3", 1 << 10)
    sleep(awake, 3)
    assert awake.wiring.net("PA5").level == 1


def test_the_rtc_ends_standby(mcu: Mcu) -> None:
    mcu.start_rtc("LSE")
    mcu.write("RTC_WUTR", 2047)
    mcu.set("RTC_CR", 1 << 10 | 1 << 14)
    assert sleep(mcu, 3) == "standby"
    mcu.run(ms(999))
    assert mcu.reset_requests == []
    mcu.run(ms(2))
    assert mcu.reset_requests == ["standby"]
    mcu.chip.reset("standby")
    assert mcu.chip.rcc.rtcclk.hz == 32_768


def test_shutdown_ends_like_a_power_on_except_for_the_backup_domain(awake: Mcu) -> None:
    awake.open_backup_domain()
    awake.write("RTC_BKP0R", 7)
    awake.set("PWR_CR3", 1 << 1)
    assert sleep(awake, 4) == "shutdown"
    awake.wiring.net("PC13").drive("B1", 1)
    assert awake.reset_requests == ["shutdown"]
    assert awake.chip.reset("shutdown") == us(256)
    assert awake.chip.lost_memory == ("SRAM1", "SRAM2")
    assert awake.read("RTC_BKP0R") == 7
    assert awake.field("RCC_CSR", 27)  # BORRSTF


def test_standby_with_a_wake_up_flag_set_ends_at_once(awake: Mcu) -> None:
    awake.wiring.net("PC13").drive("B1", 1)
    awake.set("PWR_CR3", 1 << 1)  # the pin is at its active level already: WUF2
    sleep(awake, 3)
    assert awake.rules == ["low-power-ignored"]
    assert awake.reset_requests == ["standby"]


def test_the_watchdog_ends_standby_and_memory_is_lost(awake: Mcu) -> None:
    awake.write("IWDG_KR", 0xCCCC)
    sleep(awake, 3)
    awake.run(s(1))  # 4096 * 4 / 32 kHz = 0.5 s
    assert awake.reset_requests == ["watchdog"]
    awake.chip.reset("watchdog")
    assert awake.chip.lost_memory == ("SRAM1", "SRAM2")
    assert awake.field("RCC_CSR", 29)
