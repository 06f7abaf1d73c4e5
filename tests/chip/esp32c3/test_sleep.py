"""Light sleep and deep sleep."""

from __future__ import annotations

import pytest

from facet.time import ms, us
from tests.chip.esp32c3.mcu import Mcu

TIMER, GPIO, UART0 = 1 << 3, 1 << 2, 1 << 6
SLEEP_EN, WOKEN, REJECTED = 1 << 31, 1, 2


def rtc_time(mcu: Mcu) -> int:
    mcu.write("RTC_CNTL_TIME_UPDATE", 1 << 31)
    return mcu.read("RTC_CNTL_TIME_HIGH0") << 32 | mcu.read("RTC_CNTL_TIME_LOW0")


def arm_timer(mcu: Mcu, slow_clocks: int) -> None:
    target = rtc_time(mcu) + slow_clocks
    mcu.write("RTC_CNTL_SLP_TIMER0", target & 0xFFFF_FFFF)
    mcu.write("RTC_CNTL_SLP_TIMER1", target >> 32 | 1 << 16)


def sleep(mcu: Mcu, sources: int, *, deep: bool = False) -> str:
    mcu.write("RTC_CNTL_WAKEUP_STATE", sources << 15)
    mcu.write("RTC_CNTL_DIG_PWC", int(deep) << 31)
    mcu.set("RTC_CNTL_STATE0", SLEEP_EN)
    return mcu.asked_to_sleep()


def test_the_main_timer_counts_the_slow_clock(mcu: Mcu) -> None:
    start = rtc_time(mcu)
    mcu.run(ms(100))
    assert rtc_time(mcu) - start == 13_600


def test_light_sleep_stops_the_clocks_and_resumes(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    arm_timer(mcu, 13_600)
    assert sleep(mcu, TIMER) == "light sleep"
    assert mcu.state == "light sleep"
    assert mcu.mhz == 0
    mcu.run(us(99_900))
    assert mcu.held
    mcu.run(us(200))
    assert not mcu.held
    mcu.woken()
    assert mcu.mhz == 40
    assert mcu.state == "run 40 MHz"
    assert mcu.read("RTC_CNTL_INT_RAW") & WOKEN
    assert mcu.field("RTC_CNTL_SLP_WAKEUP_CAUSE", 0, 17) == TIMER
    assert not mcu.read("RTC_CNTL_STATE0") & SLEEP_EN
    assert mcu.rules == []


def test_the_system_timer_stops_in_light_sleep(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    arm_timer(mcu, 13_600)
    mcu.write("SYSTIMER_UNIT0_OP", 1 << 30)
    before = mcu.read("SYSTIMER_UNIT0_VALUE_LO")
    sleep(mcu, TIMER)
    mcu.run(ms(100.1))
    mcu.chip.leave_low_power()
    mcu.write("SYSTIMER_UNIT0_OP", 1 << 30)
    assert mcu.read("SYSTIMER_UNIT0_VALUE_LO") == before


def test_a_pin_wakes_from_light_sleep(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.wiring.net("GPIO20").drive("terminal", 1)
    mcu.write("GPIO_PIN20", 1 << 10 | 4 << 7)
    sleep(mcu, GPIO)
    mcu.run(ms(10))
    assert mcu.held
    mcu.wiring.net("GPIO20").drive("terminal", 0)
    assert not mcu.held
    assert mcu.field("RTC_CNTL_SLP_WAKEUP_CAUSE", 0, 17) == GPIO


def test_a_pin_that_is_already_at_its_level_wakes_at_once(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.wiring.net("GPIO20").drive("terminal", 0)
    mcu.write("GPIO_PIN20", 1 << 10 | 4 << 7)
    sleep(mcu, GPIO)
    assert not mcu.held


def test_text_on_the_line_wakes_from_light_sleep(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("UART0_SLEEP_CONF", 2)  # five edges
    sleep(mcu, UART0)
    mcu.wiring.serial_arrive("GPIO20", 0x55, 115_200)  # five: four in the byte, the stop bit
    assert not mcu.held
    mcu.woken()
    assert mcu.field("RTC_CNTL_SLP_WAKEUP_CAUSE", 0, 17) == UART0
    assert mcu.field("UART0_STATUS", 0, 10) == 0  # the byte itself is lost


def test_too_few_edges_do_not_wake(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    sleep(mcu, UART0)  # 0xF0 + 3 edges after reset
    mcu.wiring.serial_arrive("GPIO20", 0x55, 115_200)
    assert mcu.held


def test_sleep_can_be_rejected(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.wiring.net("GPIO20").drive("terminal", 0)
    mcu.write("GPIO_PIN20", 1 << 10 | 4 << 7)
    mcu.write("RTC_CNTL_SLP_REJECT_CONF", 1 << 30 | GPIO << 12)
    assert sleep(mcu, GPIO) == "run"
    assert not mcu.held
    assert mcu.read("RTC_CNTL_INT_RAW") & REJECTED
    assert mcu.mhz == 40


def test_deep_sleep_ends_in_a_reset_that_keeps_the_rtc_memory(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("RTC_CNTL_STORE0", 42)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 3)
    before = rtc_time(mcu)
    arm_timer(mcu, 13_600)
    assert sleep(mcu, TIMER, deep=True) == "deep sleep"
    assert mcu.state == "deep sleep"
    assert mcu.wiring.net("GPIO3").level is None
    mcu.run(ms(101))
    assert mcu.reset_requests == ["deep sleep"]
    mcu.chip.reset("deep sleep")
    assert mcu.chip.lost_memory == ("SRAM1",)
    assert mcu.read("RTC_CNTL_STORE0") == 42
    assert mcu.field("RTC_CNTL_RESET_STATE", 0, 6) == 0x05
    assert mcu.field("RTC_CNTL_SLP_WAKEUP_CAUSE", 0, 17) == TIMER
    assert rtc_time(mcu) - before > 13_600
    assert mcu.rules == []


def test_a_pin_wakes_from_deep_sleep(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("RTC_CNTL_GPIO_WAKEUP", 1 << 30 | 5 << 20)  # GPIO1, high level
    mcu.wiring.net("GPIO1").drive("part", 0)
    sleep(mcu, GPIO, deep=True)
    mcu.wiring.net("GPIO2").drive("part", 1)  # not armed
    assert mcu.reset_requests == []
    mcu.wiring.net("GPIO1").drive("part", 1)
    assert mcu.reset_requests == ["deep sleep"]
    mcu.reset("deep sleep")
    assert mcu.field("RTC_CNTL_SLP_WAKEUP_CAUSE", 0, 17) == GPIO


def test_a_held_pad_keeps_its_level_in_deep_sleep(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("GPIO_OUT_W1TS", 1 << 3)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 3)
    mcu.write("RTC_CNTL_PAD_HOLD", 1 << 3)
    arm_timer(mcu, 1_000)
    sleep(mcu, TIMER, deep=True)
    assert mcu.wiring.net("GPIO3").level == 1


def test_the_rtc_watchdog_pauses_in_sleep(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("RTC_CNTL_WDTWPROTECT", 0x50D8_3AA1)
    mcu.write("RTC_CNTL_WDTCONFIG1", 13_600)  # twice that: 200 ms
    mcu.write("RTC_CNTL_WDTCONFIG0", 1 << 31 | 3 << 28 | 1 << 9)
    arm_timer(mcu, 136_000)
    sleep(mcu, TIMER)
    mcu.run(ms(1001))
    assert mcu.reset_requests == []
    mcu.woken()
    mcu.run(ms(201))
    assert mcu.reset_requests == ["rtc watchdog"]


@pytest.mark.parametrize("deep", [False, True])
def test_sleep_from_the_pll_is_reported(mcu: Mcu, deep: bool) -> None:
    mcu.run_at_160_mhz()
    arm_timer(mcu, 1_000)
    sleep(mcu, TIMER, deep=deep)
    assert mcu.rules == ["pll-in-sleep"]


def test_sleep_while_text_is_sent_is_reported(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("UART0_FIFO", ord("x"))
    arm_timer(mcu, 1_000)
    sleep(mcu, TIMER)
    assert mcu.rules == ["sleep-while-transmitting"]


def test_an_alarm_that_comes_on_the_way_into_sleep_wakes_at_once(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    arm_timer(mcu, 2)
    mcu.run(us(20))
    assert sleep(mcu, TIMER) == "light sleep"
    assert not mcu.held


def test_an_alarm_in_the_past_never_comes(mcu: Mcu) -> None:
    mcu.run(ms(10))
    mcu.write("RTC_CNTL_SLP_TIMER0", 5)
    mcu.write("RTC_CNTL_SLP_TIMER1", 1 << 16)
    assert mcu.rules == ["alarm-in-the-past"]


@pytest.mark.parametrize("sources", [0, TIMER])
def test_a_sleep_without_an_end_is_reported(mcu: Mcu, sources: int) -> None:
    mcu.run_from_crystal()
    sleep(mcu, sources)
    assert mcu.rules == ["no-wakeup"]


def test_a_wake_up_pin_needs_a_level(mcu: Mcu) -> None:
    mcu.write("GPIO_PIN20", 1 << 10 | 2 << 7)
    assert mcu.rules == ["wakeup-needs-level"]


def test_waiting_for_an_interrupt_keeps_the_clocks(mcu: Mcu) -> None:
    assert mcu.chip.enter_low_power(False) == "sleep"
    assert mcu.state == "sleep 20 MHz"
    assert mcu.mhz == 20
    mcu.chip.leave_low_power()
    assert mcu.state == "run 20 MHz"


def test_sleep_during_a_transfer_is_reported(mcu: Mcu) -> None:
    mcu.run_from_crystal()
    mcu.write("SPI2_CLK_GATE", 3)
    mcu.write("SPI2_USER", 1 << 27)
    mcu.write("SPI2_MS_DLEN", 8 * 64 - 1)
    mcu.write("SPI2_CMD", 1 << 23)
    mcu.write("SPI2_CMD", 1 << 24)
    arm_timer(mcu, 13_600)
    sleep(mcu, TIMER)
    assert "sleep-while-busy" in mcu.rules
