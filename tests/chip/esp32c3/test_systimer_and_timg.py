"""SYSTIMER and the timer groups."""

from __future__ import annotations

from facet.time import ms, us
from tests.chip.esp32c3.mcu import Mcu


def systimer(mcu: Mcu, unit: int = 0) -> int:
    """Reads a counter as a driver does."""
    mcu.write(f"SYSTIMER_UNIT{unit}_OP", 1 << 30)
    assert mcu.field(f"SYSTIMER_UNIT{unit}_OP", 29)
    high = mcu.read(f"SYSTIMER_UNIT{unit}_VALUE_HI")
    return high << 32 | mcu.read(f"SYSTIMER_UNIT{unit}_VALUE_LO")


def test_unit_0_counts_16_mhz_at_any_cpu_clock(mcu: Mcu) -> None:
    start = systimer(mcu)
    mcu.run(us(500))
    mcu.run_at_160_mhz()
    mcu.run(us(500))
    assert systimer(mcu) - start == 16_000


def test_unit_1_counts_when_it_is_enabled(mcu: Mcu) -> None:
    mcu.run(ms(1))
    assert systimer(mcu, 1) == 0
    mcu.set("SYSTIMER_CONF", 1 << 29)
    mcu.run(ms(1))
    assert systimer(mcu, 1) == 16_000


def test_a_one_shot_alarm_interrupts_once(mcu: Mcu) -> None:
    target = systimer(mcu) + 160_000
    mcu.write("SYSTIMER_TARGET0_HI", target >> 32)
    mcu.write("SYSTIMER_TARGET0_LO", target & 0xFFFF_FFFF)
    mcu.write("SYSTIMER_COMP0_LOAD", 1)
    mcu.set("SYSTIMER_CONF", 1 << 24)
    mcu.write("SYSTIMER_INT_ENA", 1)
    mcu.route_interrupt("SYSTIMER_TARGET0", 7)
    mcu.run(us(9_990))
    assert mcu.taken == 0
    mcu.run(us(20))
    assert mcu.taken == 7
    mcu.write("SYSTIMER_INT_CLR", 1)
    assert mcu.taken == 0
    mcu.run(ms(100))
    assert mcu.taken == 0


def test_a_periodic_alarm_repeats(mcu: Mcu) -> None:
    mcu.write("SYSTIMER_TARGET1_CONF", 1 << 30 | 16_000)
    mcu.write("SYSTIMER_COMP1_LOAD", 1)
    mcu.set("SYSTIMER_CONF", 1 << 23)
    for _ in range(5):
        mcu.run(ms(1))
        assert mcu.read("SYSTIMER_INT_RAW") == 2
        mcu.write("SYSTIMER_INT_CLR", 2)


def test_the_slow_clock_is_calibrated_against_the_crystal(mcu: Mcu) -> None:
    mcu.write("TIMG0_RTCCALICFG", 0)
    mcu.write("TIMG0_RTCCALICFG", 1 << 31 | 1024 << 16)
    assert not mcu.field("TIMG0_RTCCALICFG", 15)
    mcu.run(ms(8))
    assert mcu.field("TIMG0_RTCCALICFG", 15)
    assert mcu.field("TIMG0_RTCCALICFG1", 7, 25) == 1024 * 40_000_000 // 136_000


def test_a_timer_group_counts_and_alarms(mcu: Mcu) -> None:
    mcu.write("TIMG1_T0ALARMLO", 1_000)
    mcu.write("TIMG1_INT_ENA", 1)
    mcu.route_interrupt("TG1_T0_LEVEL", 9)
    mcu.write("TIMG1_T0CONFIG", 1 << 31 | 1 << 30 | 40 << 13 | 1 << 10 | 1 << 9)  # 1 MHz
    mcu.run(us(999))
    assert mcu.taken == 0
    mcu.run(us(2))
    assert mcu.taken == 9
    mcu.write("TIMG1_T0UPDATE", 1 << 31)
    assert mcu.read("TIMG1_T0LO") == 1_001


def test_a_repeating_measurement_of_the_slow_clock_times_out(mcu: Mcu) -> None:
    """It runs from the reset on, and ESP-IDF ends it by a limit that is too short."""
    assert mcu.field("TIMG0_RTCCALICFG", 12)
    assert not mcu.field("TIMG0_RTCCALICFG2", 0)
    mcu.write("TIMG0_RTCCALICFG2", 1 << 7)  # one period of XTAL_CLK
    assert mcu.field("TIMG0_RTCCALICFG2", 0)
