"""The chip from the ROM on: clocks, gates, resets, watchdogs, the interrupt matrix."""

from __future__ import annotations

import pytest

from facet.chip.esp32c3 import memory_map as mm
from facet.time import ms, s
from tests.chip.esp32c3.mcu import ROM_TIME, Mcu


def test_the_rom_hands_over_at_20_mhz_after_a_power_on() -> None:
    mcu = Mcu()
    assert mcu.mhz == 20
    assert mcu.state == "run 20 MHz"
    assert mcu.field("RTC_CNTL_RESET_STATE", 0, 6) == 0x01
    assert mcu.rules == []


def test_a_low_boot_pin_at_power_on_is_reported(mcu: Mcu) -> None:
    assert mcu.field("GPIO_STRAP", 3)
    mcu.wiring.net("GPIO9").drive("button", 0)
    mcu.reset("software")  # the pins count at a system reset only
    assert mcu.rules == []
    assert mcu.field("GPIO_STRAP", 3)
    mcu.reset("rtc watchdog of all")
    assert mcu.rules == ["download-boot"]
    assert not mcu.field("GPIO_STRAP", 3)


@pytest.mark.parametrize(
    ("select", "divider", "period", "mhz"),
    [(0, 0, 0, 40), (0, 1, 0, 20), (1, 0, 1, 160), (1, 0, 0, 80), (2, 0, 0, 17.5)],
)
def test_the_registers_set_the_cpu_clock(
    mcu: Mcu, select: int, divider: int, period: int, mhz: float
) -> None:
    mcu.write("SYSTEM_CPU_PER_CONF", 1 << 2 | period)
    mcu.write("SYSTEM_SYSCLK_CONF", select << 10 | divider)
    assert mcu.mhz == mhz
    assert mcu.state == f"run {mhz:g} MHz"
    assert mcu.rules == []


def test_a_clock_that_does_not_exist_is_reported(mcu: Mcu) -> None:
    mcu.write("SYSTEM_SYSCLK_CONF", 3 << 10)
    assert mcu.rules == ["no-such-clock"]


def test_powering_the_pll_down_under_the_cpu_is_reported(mcu: Mcu) -> None:
    mcu.run_at_160_mhz()
    mcu.set("RTC_CNTL_OPTIONS0", 1 << 10)
    assert mcu.rules == ["pll-off"]


def test_an_access_without_the_peripherals_clock_is_reported(mcu: Mcu) -> None:
    mcu.clear("SYSTEM_PERIP_CLK_EN0", 1 << 29)
    mcu.write("SYSTIMER_CONF", 0)
    rule, message = mcu.host.violations[-1]
    assert rule == "unclocked-peripheral"
    assert "SYSTIMER_CONF written while SYSTEM_PERIP_CLK_EN0.SYSTIMER_CLK_EN=0" in message


def test_an_access_in_reset_is_reported_and_the_registers_are_reset(mcu: Mcu) -> None:
    mcu.write("SYSTIMER_INT_ENA", 7)
    mcu.set("SYSTEM_PERIP_RST_EN0", 1 << 29)
    mcu.write("SYSTIMER_INT_ENA", 7)
    rule, message = mcu.host.violations[-1]
    assert rule == "peripheral-in-reset"
    assert "SYSTEM_PERIP_RST_EN0.SYSTIMER_RST=1" in message
    mcu.read("SYSTIMER_INT_ENA")
    assert mcu.rules[-1] == "access-in-reset"
    mcu.clear("SYSTEM_PERIP_RST_EN0", 1 << 29)
    assert mcu.read("SYSTIMER_INT_ENA") == 0


def test_a_peripheral_that_is_not_modelled_is_reported(mcu: Mcu) -> None:
    mcu.chip.bus.read(mm.BASE["LEDC"], 4)
    rule, message = mcu.host.violations[-1]
    assert rule == "not-modelled"
    assert "LEDC" in message


# -- watchdogs
def test_without_any_set_up_timer_group_0_resets_the_chip() -> None:
    mcu = Mcu()
    mcu.run(ms(1299) - ROM_TIME)
    assert mcu.reset_requests == []
    mcu.run(ms(2))  # 26,000,000 at 20 MHz
    assert mcu.reset_requests == ["timer group 0 watchdog"]
    assert mcu.host.violations == [
        ("watchdog", "timer group 0 watchdog: not fed in time, the chip resets")
    ]


def test_the_super_watchdog_resets_a_firmware_that_stops_only_the_others() -> None:
    mcu = Mcu()
    mcu.write("TIMG0_WDTCONFIG0", 0)
    mcu.write("RTC_CNTL_WDTWPROTECT", 0x50D8_3AA1)
    mcu.write("RTC_CNTL_WDTCONFIG0", 0)
    mcu.run(ms(2001))
    assert mcu.reset_requests == ["super watchdog"]


def test_the_rtc_watchdog_resets_after_400000_slow_clocks() -> None:
    mcu = Mcu()
    mcu.write("RTC_CNTL_SWD_WPROTECT", 0x8F1D_312A)
    mcu.set("RTC_CNTL_SWD_CONF", 1 << 31)
    mcu.write("TIMG0_WDTCONFIG0", 0)
    mcu.run(ms(2940) - ROM_TIME)
    assert mcu.reset_requests == []
    mcu.run(ms(2))
    assert mcu.reset_requests == ["rtc watchdog of all"]


def test_stopped_watchdogs_do_not_reset(mcu: Mcu) -> None:
    mcu.run(s(10))
    assert mcu.reset_requests == []
    assert mcu.rules == []


def test_watchdog_registers_are_write_protected(mcu: Mcu) -> None:
    mcu.write("RTC_CNTL_WDTCONFIG0", 1 << 31)
    mcu.write("RTC_CNTL_SWD_CONF", 0)
    mcu.write("TIMG0_WDTWPROTECT", 0)
    mcu.write("TIMG0_WDTFEED", 1)
    assert mcu.rules == ["write-protected"] * 3
    mcu.run(s(10))
    assert mcu.reset_requests == []


def test_a_locked_register_may_be_written_with_its_own_value(mcu: Mcu) -> None:
    mcu.write("RTC_CNTL_SWD_CONF", mcu.read("RTC_CNTL_SWD_CONF"))
    assert mcu.rules == []


def test_a_fed_watchdog_does_not_reset(mcu: Mcu) -> None:
    mcu.write("RTC_CNTL_WDTWPROTECT", 0x50D8_3AA1)
    mcu.write("RTC_CNTL_WDTCONFIG1", 13_600)  # twice that: 200 ms
    mcu.write("RTC_CNTL_WDTCONFIG0", 1 << 31 | 3 << 28)
    for _ in range(5):
        mcu.run(ms(150))
        mcu.write("RTC_CNTL_WDTFEED", 1 << 31)
    assert mcu.reset_requests == []
    mcu.run(ms(201))
    assert mcu.reset_requests == ["rtc watchdog"]


@pytest.mark.parametrize(
    ("cause", "code"),
    [("software", 0x03), ("deep sleep", 0x05), ("timer group 0 watchdog", 0x07), ("pin", 0x01)],
)
def test_the_reset_cause_determines_the_registers_that_survive(
    mcu: Mcu, cause: str, code: int
) -> None:
    mcu.write("RTC_CNTL_STORE5", 0x1234)
    mcu.chip.reset(cause)
    assert mcu.field("RTC_CNTL_RESET_STATE", 0, 6) == code
    assert mcu.read("RTC_CNTL_STORE5") == (0 if cause == "pin" else 0x1234)
    lost = {"pin": {"SRAM1", "RTC fast memory"}, "deep sleep": {"SRAM1"}}.get(cause, set())
    assert set(mcu.chip.lost_memory) == lost


def test_software_reset(mcu: Mcu) -> None:
    mcu.set("RTC_CNTL_OPTIONS0", 1 << 31)
    assert mcu.reset_requests == ["software"]


# -- interrupts
def test_the_matrix_offers_the_highest_priority(mcu: Mcu) -> None:
    mcu.route_interrupt("FROM_CPU_INTR0", 5, priority=2)
    mcu.route_interrupt("FROM_CPU_INTR1", 3, priority=7)
    mcu.write("SYSTEM_CPU_INTR_FROM_CPU_0", 1)
    assert mcu.taken == 5
    mcu.write("SYSTEM_CPU_INTR_FROM_CPU_1", 1)
    assert mcu.taken == 3
    mcu.write("SYSTEM_CPU_INTR_FROM_CPU_1", 0)
    assert mcu.taken == 5
    mcu.write("INTERRUPT_CORE0_CPU_INT_THRESH", 3)
    assert mcu.taken == 0
    assert mcu.read("INTERRUPT_CORE0_CPU_INT_EIP_STATUS") == 1 << 5


def test_a_priority_of_zero_is_never_taken(mcu: Mcu) -> None:
    mcu.route_interrupt("FROM_CPU_INTR0", 5, priority=0)
    mcu.write("SYSTEM_CPU_INTR_FROM_CPU_0", 1)
    assert mcu.taken == 0


def test_an_edge_waits_for_its_clearing(mcu: Mcu) -> None:
    mcu.write("INTERRUPT_CORE0_CPU_INT_TYPE", 1 << 4)
    mcu.route_interrupt("FROM_CPU_INTR2", 4)
    mcu.write("SYSTEM_CPU_INTR_FROM_CPU_2", 1)
    mcu.write("SYSTEM_CPU_INTR_FROM_CPU_2", 0)
    assert mcu.taken == 4
    mcu.write("INTERRUPT_CORE0_CPU_INT_CLEAR", 1 << 4)
    mcu.write("INTERRUPT_CORE0_CPU_INT_CLEAR", 0)
    assert mcu.taken == 0
