"""The real-time clock (RM0351, section 38)."""

from __future__ import annotations

import pytest

from facet.time import Time, ms, s, us
from tests.chip.stm32l4.mcu import Mcu

INIT, INITF, RSF, WUTF, ALRAF = 1 << 7, 1 << 6, 1 << 5, 1 << 10, 1 << 8
WUTE, WUTIE, ALRAE, ALRAIE, BYPSHAD, FMT = 1 << 10, 1 << 14, 1 << 8, 1 << 12, 1 << 5, 1 << 6
RTC_WKUP, RTC_ALARM = 3, 41  # NVIC positions


@pytest.fixture
def rtc(mcu: Mcu) -> Mcu:
    """The RTC runs from LSE, its registers are unlocked, its EXTI lines armed."""
    mcu.start_rtc("LSE")
    mcu.set("EXTI_IMR1", 1 << 20 | 1 << 18)
    mcu.set("EXTI_RTSR1", 1 << 20 | 1 << 18)
    return mcu


def set_calendar(mcu: Mcu, tr: int, dr: int, fmt: int = 0) -> None:
    mcu.set("RTC_ISR", INIT)
    mcu.run(us(100))
    mcu.set("RTC_CR", fmt)
    mcu.write("RTC_TR", tr)
    mcu.write("RTC_DR", dr)
    mcu.clear("RTC_ISR", INIT)
    mcu.run(us(200))


def start_wake_up_timer(mcu: Mcu, reload: int, select: int) -> None:
    mcu.clear("RTC_CR", WUTE)
    mcu.run(us(70))
    mcu.write("RTC_WUTR", reload)
    mcu.write("RTC_CR", select)
    mcu.set("RTC_CR", WUTE | WUTIE)


@pytest.mark.parametrize(
    ("select", "reload", "period"),
    [
        (0, 2047, s(1)),  # RTCCLK/16: 2048 * 16 / 32768
        (1, 4095, s(1)),
        (2, 8191, s(1)),
        (3, 16383, s(1)),
        (4, 4, s(5)),  # ck_spre, 1 Hz
        (6, 0, s(65536 + 1)),  # ck_spre with 2^16 added
    ],
)
def test_the_wake_up_timer_keeps_its_period_in_every_mode(
    rtc: Mcu, select: int, reload: int, period: Time
) -> None:
    """38.3.6: WUTF is set every WUT + 1 periods of the clock that WUCKSEL chose."""
    start_wake_up_timer(rtc, reload, select)
    rtc.run(period + ms(1))
    assert rtc.read("RTC_ISR") & WUTF
    assert RTC_WKUP in rtc.host.interrupts
    first = rtc.host.now
    rtc.clear("RTC_ISR", WUTF)
    rtc.write("EXTI_PR1", 1 << 20)
    assert RTC_WKUP not in rtc.host.interrupts
    rtc.run(period)
    assert rtc.read("RTC_ISR") & WUTF
    assert rtc.host.now - first == period
    assert rtc.rules == []


def test_the_wake_up_timer_is_not_early(rtc: Mcu) -> None:
    start_wake_up_timer(rtc, 2047, 0)
    rtc.run(ms(999))
    assert not rtc.read("RTC_ISR") & WUTF


def test_a_flag_that_is_not_cleared_makes_no_second_edge(rtc: Mcu) -> None:
    start_wake_up_timer(rtc, 2047, 0)
    rtc.run(ms(1500))
    rtc.write("EXTI_PR1", 1 << 20)
    rtc.run(s(3))
    assert RTC_WKUP not in rtc.host.interrupts


def test_wutr_needs_wutwf(rtc: Mcu) -> None:
    start_wake_up_timer(rtc, 2047, 0)
    rtc.run(ms(1))
    rtc.write("RTC_WUTR", 1)
    assert rtc.read("RTC_WUTR") == 2047
    assert rtc.rules == ["rtc-access"]


def test_registers_are_locked_without_the_keys(rtc: Mcu) -> None:
    """38.3.7: 0xCA, 0x53 open them, any other value closes them."""
    rtc.write("RTC_WPR", 0xFF)
    rtc.write("RTC_CR", BYPSHAD)
    assert rtc.read("RTC_CR") == 0
    assert rtc.rules == ["rtc-write-protected"]


def test_all_registers_are_locked_while_dbp_is_0(rtc: Mcu) -> None:
    rtc.clear("PWR_CR1", 1 << 8)
    rtc.write("RTC_BKP3R", 5)
    assert rtc.read("RTC_BKP3R") == 0
    assert rtc.host.violations == [
        ("backup-domain-protected", "RTC: BKP3R written while PWR_CR1.DBP=0: it is ignored")
    ]


def test_flags_can_be_cleared_while_the_registers_are_locked(rtc: Mcu) -> None:
    """38.3.7: RTC_ISR[13:8] is not write protected."""
    start_wake_up_timer(rtc, 2047, 0)
    rtc.run(ms(1001))
    rtc.write("RTC_WPR", 0xFF)
    rtc.write("RTC_ISR", 0xFFFF_FFFF & ~WUTF & ~INIT)
    assert not rtc.read("RTC_ISR") & WUTF
    assert rtc.rules == []


def test_the_calendar_counts_over_the_end_of_a_leap_february(rtc: Mcu) -> None:
    set_calendar(rtc, 0x235958, 0x24_8229)  # Thursday 2024-02-29, 23:59:58
    rtc.run(s(3))
    assert rtc.read("RTC_TR") == 0x000001
    assert rtc.read("RTC_DR") == 0x24_A3_01  # Friday (5 in bits 15:13), 1 March


def test_the_calendar_refuses_a_time_outside_initialization(rtc: Mcu) -> None:
    rtc.write("RTC_TR", 0x120000)
    assert rtc.rules == ["rtc-access"]
    assert rtc.read("RTC_TR") != 0x120000


def test_initialization_mode_is_entered_after_two_clocks(rtc: Mcu) -> None:
    rtc.set("RTC_ISR", INIT)
    assert not rtc.read("RTC_ISR") & INITF
    rtc.run(us(62))
    assert rtc.read("RTC_ISR") & INITF


def test_twelve_hour_time_changes_to_pm_at_noon(rtc: Mcu) -> None:
    set_calendar(rtc, 0x115959, 0x24C101, fmt=FMT)
    rtc.run(s(2))
    pm = 1 << 22
    assert rtc.read("RTC_TR") == pm | 0x120001


def test_a_day_of_the_week_of_0_is_reported_and_the_date_counts_on(rtc: Mcu) -> None:
    """38.6.2: WDU=000 is forbidden. Drivers that need no day of the week leave it at 0."""
    set_calendar(rtc, 0x235957, 0x05_0228)
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (0x235957, 0x05_0228)
    assert rtc.rules == ["rtc-calendar"]
    rtc.run(s(1))
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (0x235958, 0x05_0228)
    rtc.run(s(2))
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (0x000000, 0x05_2301)
    rtc.run(s(86_400))
    assert rtc.read("RTC_TR") == 0
    assert rtc.read("RTC_DR") == 0x05_4302


@pytest.mark.parametrize(
    ("tr", "dr", "reason", "a_day_later"),
    [
        (0, 0x24_2230, "month 2 has no day 30", 0x24_4301),
        (0, 0x24_2000, "day and month count from 1", 0x24_4001),
        (0, 0x24_3301, "month 0x13 are not BCD up to 12", 0x24_5302),
        (0, 0x24_210B, "day 0x0b are not BCD", 0x24_4112),
        (0x250000, 0x24_2101, "hours 0x25 are not BCD up to 23", 0x24_6103),
        (0x007A00, 0x24_2101, "minutes 0x7a are not BCD up to 59", 0x24_4102),
        (0x000099 & 0x7F, 0x9A_2101, "year 0x9a are not BCD up to 99", 0x00_4102),
    ],
)
def test_a_forbidden_calendar_is_reported_and_counts_on(
    rtc: Mcu, tr: int, dr: int, reason: str, a_day_later: int
) -> None:
    set_calendar(rtc, tr, dr)
    assert rtc.rules == ["rtc-calendar"]
    assert reason in rtc.host.violations[0][1]
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (tr, dr)
    rtc.run(s(86_400))
    rtc.read("RTC_TR")
    assert rtc.read("RTC_DR") == a_day_later


def test_an_hour_is_added_and_subtracted(rtc: Mcu) -> None:
    """38.6.3: ADD1H and SUB1H; the latter has no effect in hour 0."""
    set_calendar(rtc, 0x233000, 0x24_C131)
    rtc.set("RTC_CR", 1 << 16)
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (0x003000, 0x24_E201)
    rtc.set("RTC_CR", 1 << 17)
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (0x003000, 0x24_E201)
    rtc.run(s(3600))
    rtc.set("RTC_CR", 1 << 17)
    assert (rtc.read("RTC_TR"), rtc.read("RTC_DR")) == (0x003000, 0x24_E201)
    assert rtc.rules == []


def test_the_forbidden_wake_up_setting_is_reported_and_runs(rtc: Mcu) -> None:
    """38.6.6: WUT=0 with WUCKSEL=011 is forbidden."""
    start_wake_up_timer(rtc, 0, 3)
    rtc.run(ms(1))
    assert rtc.read("RTC_ISR") & WUTF
    assert rtc.rules == ["rtc-wakeup-timer"]


def test_reading_the_time_locks_the_date_until_it_is_read(rtc: Mcu) -> None:
    """38.6.2: reading RTC_TR locks RTC_DR until RTC_DR is read."""
    set_calendar(rtc, 0x235959, 0x24C131)
    time = rtc.read("RTC_TR")
    rtc.run(s(2))
    assert rtc.read("RTC_TR") == time
    assert rtc.read("RTC_DR") & 0x3F == 0x31
    assert rtc.read("RTC_TR") == 0x000001


def test_subseconds_count_down(rtc: Mcu) -> None:
    set_calendar(rtc, 0, 0x24C101)
    rtc.set("RTC_CR", BYPSHAD)
    first = rtc.read("RTC_SSR")
    rtc.run(ms(250))
    assert first - rtc.read("RTC_SSR") == 64  # a quarter of PREDIV_S + 1


@pytest.mark.parametrize(
    ("alarm", "after"),
    [
        (0x80_00_00_30 | 1 << 23 | 1 << 15, s(30)),  # at second 30, all else masked
        (0x80_00_02_00 | 1 << 23, s(120)),  # at minute 2
        (1 << 31 | 0x13_00_00, s(3600)),  # at 13:00:00
        (1 << 30 | 2 << 24 | 0x12_00_00, s(86_400)),  # Tuesday, 12:00:00
        (1 << 31 | 1 << 23 | 1 << 15 | 1 << 7, s(1)),  # each second
    ],
)
def test_alarm_a_is_set_when_the_calendar_matches(rtc: Mcu, alarm: int, after: Time) -> None:
    set_calendar(rtc, 0x120000, 0x24_2000 | 0x101)  # Monday 2024-01-01, 12:00:00
    began = rtc.host.now - us(200) + us(4 * 30.5)  # START_TICKS after INIT was cleared
    rtc.write("RTC_ALRMAR", alarm)
    rtc.set("RTC_CR", ALRAE | ALRAIE)
    rtc.run(Time(began + after - ms(1) - rtc.host.now))
    assert not rtc.read("RTC_ISR") & ALRAF
    rtc.run(ms(2))
    assert rtc.read("RTC_ISR") & ALRAF
    assert RTC_ALARM in rtc.host.interrupts


def test_an_alarm_can_match_subseconds(rtc: Mcu) -> None:
    set_calendar(rtc, 0x120000, 0x242101)
    rtc.write("RTC_ALRMAR", 1 << 31 | 1 << 23 | 1 << 15 | 1 << 7)
    rtc.write("RTC_ALRMASSR", 15 << 24 | 127)
    rtc.set("RTC_CR", ALRAE | ALRAIE)
    rtc.run(ms(490))
    assert not rtc.read("RTC_ISR") & ALRAF
    rtc.run(ms(20))
    assert rtc.read("RTC_ISR") & ALRAF


def test_without_a_clock_the_rtc_is_stopped(mcu: Mcu) -> None:
    mcu.open_backup_domain()
    mcu.write("RTC_WPR", 0xCA)
    mcu.write("RTC_WPR", 0x53)
    mcu.set("RTC_ISR", INIT)
    mcu.run(s(1))
    assert not mcu.read("RTC_ISR") & INITF


def test_rsf_is_set_when_the_shadow_registers_are_updated(rtc: Mcu) -> None:
    rtc.clear("RTC_ISR", RSF)
    assert not rtc.read("RTC_ISR") & RSF
    rtc.run(us(62))
    assert rtc.read("RTC_ISR") & RSF


def test_time_stamps_and_tamper_inputs_are_reported(rtc: Mcu) -> None:
    rtc.set("RTC_CR", 1 << 11)  # TSE
    rtc.set("RTC_TAMPCR", 1 << 3)  # TAMP2E
    rtc.set("RTC_TAMPCR", 1 << 2)
    assert rtc.rules == ["not-modelled", "not-modelled"]
