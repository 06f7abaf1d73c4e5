"""Clocks (RM0351, section 6)."""

from __future__ import annotations

import pytest

from facet.time import Time, ms, us
from tests.chip.stm32l4.mcu import Mcu

MSIRGSEL, HSION, HSEON, PLLON, PLLRDY = 1 << 3, 1 << 8, 1 << 16, 1 << 24, 1 << 25
PLLREN = 1 << 24


def test_the_chip_starts_on_msi_at_4_mhz(mcu: Mcu) -> None:
    assert mcu.mhz == 4
    assert mcu.state == "run 4 MHz range 1"
    assert mcu.rules == []


def test_msi_range_needs_msirgsel(mcu: Mcu) -> None:
    """6.4.1: MSIRANGE counts only once MSIRGSEL is set, which nothing but a reset clears."""
    mcu.write("RCC_CR", 0x63 & ~0xF0 | 5 << 4)
    assert mcu.mhz == 4
    mcu.set("RCC_CR", MSIRGSEL)
    assert mcu.mhz == 2
    mcu.clear("RCC_CR", MSIRGSEL)
    assert mcu.mhz == 2


def test_the_pll_locks_after_its_lock_time_and_gives_80_mhz(mcu: Mcu) -> None:
    mcu.write("FLASH_ACR", 0x704)
    mcu.write("RCC_PLLCFGR", PLLREN | 40 << 8 | 1)
    mcu.set("RCC_CR", PLLON)
    mcu.run(us(10))
    assert not mcu.read("RCC_CR") & PLLRDY
    mcu.run(us(30))
    assert mcu.read("RCC_CR") & PLLRDY
    mcu.set("RCC_CFGR", 3)
    assert mcu.field("RCC_CFGR", 2, 2) == 3
    assert mcu.mhz == 80
    assert mcu.rules == []


@pytest.mark.parametrize(
    ("pllcfgr", "reason"),
    [
        (PLLREN | 40 << 8 | 1 << 4 | 1, "input 2 MHz"),
        (PLLREN | 100 << 8 | 1, "PLLN=100"),
        (PLLREN | 8 << 8 | 1, "VCO 32 MHz"),
        (PLLREN | 60 << 8 | 1, "output R 120 MHz"),
    ],
)
def test_a_pll_outside_its_limits_is_reported_and_locks(
    mcu: Mcu, pllcfgr: int, reason: str
) -> None:
    """DS10198, PLL characteristics: input 4-16 MHz, VCO 64-344 MHz, output up to 80 MHz."""
    mcu.write("RCC_PLLCFGR", pllcfgr)
    mcu.set("RCC_CR", PLLON)
    mcu.run(ms(1))
    assert mcu.read("RCC_CR") & PLLRDY
    rule, message = mcu.host.violations[0]
    assert rule == "pll-out-of-range"
    assert reason in message


def test_the_range_of_msi_waits_until_it_is_ready(mcu: Mcu) -> None:
    """6.4.1: MSIRANGE must not be modified when MSI is on and not ready."""
    mcu.set("RCC_CR", HSION)
    mcu.run(us(2))
    mcu.set("RCC_CFGR", 1)
    mcu.clear("RCC_CR", 1)
    mcu.write("RCC_CR", HSION | MSIRGSEL | 7 << 4)
    assert mcu.rules == []
    mcu.set("RCC_CR", 1)
    mcu.write("RCC_CR", 1 | HSION | MSIRGSEL | 8 << 4)
    assert mcu.rules == ["msi-range-change"]


def test_a_pll_without_a_source_does_not_lock(mcu: Mcu) -> None:
    mcu.write("RCC_PLLCFGR", PLLREN | 40 << 8 | 2)  # HSI16, which is off
    mcu.set("RCC_CR", PLLON)
    mcu.run(ms(1))
    assert not mcu.read("RCC_CR") & PLLRDY
    assert mcu.rules == ["pll-source"]


def test_a_running_pll_keeps_its_factors(mcu: Mcu) -> None:
    mcu.run_at_80_mhz()
    mcu.write("RCC_PLLCFGR", PLLREN | 20 << 8 | 1)
    assert mcu.field("RCC_PLLCFGR", 8, 7) == 40
    assert mcu.mhz == 80
    assert mcu.rules == ["pll-config-while-on"]


def test_the_clock_that_the_core_runs_on_cannot_be_switched_off(mcu: Mcu) -> None:
    mcu.run_at_80_mhz()
    mcu.clear("RCC_CR", PLLON)
    mcu.clear("RCC_CR", 1)  # MSI feeds the PLL
    assert mcu.mhz == 80
    assert mcu.rules == ["clock-in-use", "clock-in-use"]


def test_a_switch_to_a_clock_that_is_off_is_refused(mcu: Mcu) -> None:
    mcu.set("RCC_CFGR", 1)
    mcu.run(ms(1))
    assert mcu.field("RCC_CFGR", 2, 2) == 0
    assert mcu.rules == ["clock-not-ready"]


def test_a_switch_waits_until_its_target_is_ready(mcu: Mcu) -> None:
    """6.2.9: the switch occurs when the clock source becomes ready."""
    mcu.set("RCC_CR", HSION)
    mcu.set("RCC_CFGR", 1)
    assert mcu.field("RCC_CFGR", 2, 2) == 0
    mcu.run(us(2))
    assert mcu.field("RCC_CFGR", 2, 2) == 1
    assert mcu.mhz == 16
    assert mcu.rules == []


def test_hse_never_starts_on_a_board_without_its_crystal(mcu: Mcu) -> None:
    mcu.set("RCC_CR", HSEON)
    mcu.run(ms(100))
    assert not mcu.field("RCC_CR", 17)


def test_prescalers_divide_and_timers_run_at_twice_a_divided_bus(mcu: Mcu) -> None:
    mcu.run_at_80_mhz()
    mcu.write("RCC_CFGR", 3 | 8 << 4 | 4 << 8 | 5 << 11)
    rcc = mcu.chip.rcc
    assert (rcc.hclk.hz, rcc.pclk1.hz, rcc.pclk2.hz) == (40_000_000, 20_000_000, 10_000_000)
    assert (rcc.timclk1.hz, rcc.timclk2.hz) == (40_000_000, 20_000_000)


def test_kernel_clocks_follow_ccipr(mcu: Mcu) -> None:
    mcu.run_at_80_mhz()
    mcu.set("RCC_CR", HSION)
    mcu.run(us(2))
    hz = mcu.chip.rcc.kernel_clock("USART2")
    assert hz() == 80_000_000
    mcu.write("RCC_CCIPR", 2 << 2)
    assert hz() == 16_000_000
    mcu.write("RCC_CCIPR", 3 << 2)
    assert hz() == 0  # LSE is off


def test_a_peripheral_without_its_clock_ignores_writes_and_is_reported(mcu: Mcu) -> None:
    mcu.write("GPIOA_MODER", 0)
    rule, message = mcu.host.violations[0]
    assert rule == "unclocked-peripheral"
    assert message == "GPIOA_MODER written while RCC_AHB2ENR.GPIOAEN=0"
    mcu.set("RCC_AHB2ENR", 1)
    assert mcu.read("GPIOA_MODER") == 0xABFF_FFFF


def test_an_access_that_loses_nothing_is_a_rule_of_its_own(mcu: Mcu) -> None:
    """A vendor's DeInit reads a register and writes its present value."""
    assert mcu.read("SPI1_CR1") == 0
    mcu.write("SPI1_CR1", 0)
    mcu.write("SPI1_CR2", 0x0700)
    assert mcu.rules == ["unclocked-access"] * 3
    mcu.write("EXTI_PR1", 0)
    mcu.write("DMA1_IFCR", 1)  # acts when it is written
    mcu.write("USART1_TDR", 0x55)
    assert mcu.rules[3:] == ["unclocked-peripheral"] * 2


def test_a_reset_bit_resets_its_peripheral(mcu: Mcu) -> None:
    mcu.set("RCC_AHB2ENR", 1)
    mcu.write("GPIOA_ODR", 0xFF)
    mcu.set("RCC_AHB2RSTR", 1)
    mcu.clear("RCC_AHB2RSTR", 1)
    assert mcu.read("GPIOA_ODR") == 0


def test_lse_needs_the_backup_domain_open(mcu: Mcu) -> None:
    mcu.set("RCC_BDCR", 1)
    assert mcu.read("RCC_BDCR") == 0
    assert mcu.rules == ["backup-domain-protected"]


def test_lse_takes_its_datasheet_time_to_start(mcu: Mcu) -> None:
    """DS10198, LSE oscillator characteristics: 2 s typical."""
    mcu.open_backup_domain()
    mcu.set("RCC_BDCR", 1)
    mcu.run(ms(1900))
    assert not mcu.field("RCC_BDCR", 1)
    mcu.run(ms(200))
    assert mcu.field("RCC_BDCR", 1)
    assert mcu.chip.rcc.lse.hz == 32_768


def test_the_rtc_clock_is_selected_once_until_a_backup_domain_reset(mcu: Mcu) -> None:
    """6.4.28, RTCSEL."""
    mcu.start_rtc("LSI")
    assert mcu.chip.rcc.rtcclk.hz == 32_000
    mcu.clear("RCC_BDCR", 3 << 8)
    assert mcu.field("RCC_BDCR", 8, 2) == 2
    assert mcu.rules == ["rtc-clock-change"]
    mcu.set("RCC_BDCR", 1 << 16)
    mcu.clear("RCC_BDCR", 1 << 16)
    mcu.set("RCC_BDCR", 1 << 8)
    assert mcu.field("RCC_BDCR", 8, 2) == 1


@pytest.mark.parametrize(
    ("cause", "flags"),
    [
        ("power-on", 0x0C),
        ("pin", 0x04),
        ("software", 0x14),
        ("watchdog", 0x24),
        ("shutdown", 0x0C),
    ],
)
def test_reset_flags_give_the_cause(mcu: Mcu, cause: str, flags: int) -> None:
    """6.4.29. An internal reset pulls NRST low, which PINRSTF shows."""
    mcu.set("RCC_CSR", 1 << 23)
    assert mcu.field("RCC_CSR", 24, 8) == 0
    mcu.chip.reset(cause)
    assert mcu.field("RCC_CSR", 24, 8) == flags


def test_reset_flags_add_up_until_they_are_cleared(mcu: Mcu) -> None:
    mcu.chip.reset("software")
    mcu.chip.reset("watchdog")
    assert mcu.field("RCC_CSR", 24, 8) == 0x3C


def test_a_system_reset_keeps_the_backup_domain(mcu: Mcu) -> None:
    mcu.start_rtc("LSE")
    mcu.write("RTC_BKP0R", 0xFACE)
    mcu.chip.reset("software")
    assert mcu.read("RTC_BKP0R") == 0xFACE
    assert mcu.chip.rcc.rtcclk.hz == 32_768
    mcu.chip.reset("power-on")
    assert mcu.read("RTC_BKP0R") == 0
    assert mcu.chip.rcc.rtcclk.hz == 0


def test_a_ready_interrupt_is_raised_and_cleared(mcu: Mcu) -> None:
    mcu.write("RCC_CIER", 1 << 3)
    mcu.set("RCC_CR", HSION)
    mcu.run(us(2))
    assert 5 in mcu.host.interrupts
    mcu.write("RCC_CICR", 1 << 3)
    assert 5 not in mcu.host.interrupts


def test_a_pll_with_a_factor_of_0_does_not_lock(mcu: Mcu) -> None:
    mcu.write("RCC_PLLCFGR", PLLREN | 1)
    mcu.set("RCC_CR", PLLON)
    mcu.run(ms(1))
    assert not mcu.read("RCC_CR") & PLLRDY
    assert mcu.rules == ["pll-out-of-range"]


@pytest.mark.parametrize(
    ("msirange", "pllm", "hz"),
    [
        (11, 6, 80_008_533),  # 48.0051 MHz / 6 * 20 / 2
        (6, 1, 79_953_920),  # 3.9977 MHz * 40 / 2: the input is below 4 MHz
    ],
)
def test_the_pll_on_msi_locked_to_the_crystal_is_within_its_limits(
    mcu: Mcu, msirange: int, pllm: int, hz: int
) -> None:
    """DS10198 gives the limits for nominal frequencies; LSE's multiples miss them by 0.06 %."""
    mcu.open_backup_domain()
    mcu.set("RCC_BDCR", 1)
    mcu.run(Time(3 * 10**12))
    mcu.write("FLASH_ACR", 0x704)
    mcu.write("RCC_CR", 1 | MSIRGSEL | msirange << 4)
    mcu.set("RCC_CR", 1 << 2)  # MSIPLLEN
    mcu.write("RCC_PLLCFGR", PLLREN | (20 if pllm == 6 else 40) << 8 | (pllm - 1) << 4 | 1)
    mcu.set("RCC_CR", PLLON)
    mcu.run(us(50))
    assert mcu.read("RCC_CR") & PLLRDY
    mcu.set("RCC_CFGR", 3)
    assert abs(mcu.chip.hclk.hz - hz) < 2
    assert mcu.rules == []


@pytest.mark.parametrize(("msirange", "latency"), [(10, 1), (11, 2)])
def test_flash_takes_the_wait_states_of_the_nominal_frequency(
    mcu: Mcu, msirange: int, latency: int
) -> None:
    """32.014 MHz with one wait state and 48.005 MHz with two: table 9 has 32 and 48 MHz."""
    mcu.open_backup_domain()
    mcu.set("RCC_BDCR", 1)
    mcu.run(Time(3 * 10**12))
    mcu.write("FLASH_ACR", 0x700 | latency)
    mcu.write("RCC_CR", 1 | MSIRGSEL | msirange << 4)
    mcu.set("RCC_CR", 1 << 2)
    assert mcu.rules == []


def test_a_frequency_above_the_tolerance_is_reported(mcu: Mcu) -> None:
    """81 MHz: HSI16 * 81 / 8 / 2."""
    mcu.write("FLASH_ACR", 0x704)
    mcu.set("RCC_CR", HSION)
    mcu.run(us(2))
    mcu.write("RCC_PLLCFGR", PLLREN | 81 << 8 | 7 << 4 | 2)
    mcu.set("RCC_CR", PLLON)
    mcu.run(us(50))
    mcu.set("RCC_CFGR", 3)
    assert mcu.mhz == 81
    assert "voltage-range" in mcu.rules


def test_msi_leaves_pll_mode_when_lse_is_switched_off(mcu: Mcu) -> None:
    """6.4.1: MSIPLLEN is cleared by hardware when LSE is disabled."""
    mcu.open_backup_domain()
    mcu.set("RCC_BDCR", 1)
    mcu.run(Time(3 * 10**12))
    mcu.set("RCC_CR", 1 << 2)
    mcu.clear("RCC_BDCR", 1)
    assert not mcu.field("RCC_CR", 2)
    assert mcu.chip.hclk.hz == 4_000_000


def test_a_reset_of_every_peripheral_keeps_the_wait_states(mcu: Mcu) -> None:
    """6.4.10: FLASHRST acts only while the flash is powered down; start-up code writes ~0."""
    mcu.run_at_80_mhz()
    for register in ("AHB1RSTR", "AHB2RSTR", "AHB3RSTR", "APB1RSTR2", "APB2RSTR"):
        mcu.write(f"RCC_{register}", 0xFFFF_FFFF)
        mcu.write(f"RCC_{register}", 0)
    assert mcu.field("FLASH_ACR", 0, 3) == 4
    assert mcu.rules == []


def test_msi_locks_to_the_crystal_in_pll_mode(mcu: Mcu) -> None:
    """DS10198, MSI: 3.998 MHz is LSE times 122."""
    mcu.set("RCC_CR", 1 << 2)
    assert mcu.rules == ["clock-not-ready"]
    mcu.open_backup_domain()
    mcu.set("RCC_BDCR", 1)
    mcu.run(Time(3 * 10**12))
    mcu.set("RCC_CR", 1 << 2)
    assert mcu.chip.hclk.hz == 122 * 32_768
