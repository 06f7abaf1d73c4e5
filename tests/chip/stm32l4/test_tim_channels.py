"""The timers' compare channels and outputs, as a driver uses them."""

from __future__ import annotations

import pytest

from facet.board.net import Net
from facet.chip.stm32l4.tim_channels import ChannelTimer
from facet.chip.stm32l4.tim_registers import KINDS
from facet.chip.stm32l4.variants import STM32L432KC
from facet.time import Time, ms, us
from tests.chip.fakes import FakeChip, Firmware
from tests.chip.stm32l4.mcu import Mcu

CEN, URS, OPM, DIR, ARPE = 1, 4, 8, 16, 128
UIF = UIE = UG = 1
CC1, CC2, CC3, CC4 = 2, 4, 8, 16  # CCxIF, CCxIE, CCxG
FROZEN, ACTIVE, INACTIVE, TOGGLE, LOW, HIGH, PWM_1, PWM_2 = range(8)
IRQ = 28


class Bench:
    """A timer that counts 1 MHz."""

    def __init__(self, name: str = "TIM2", irq_compare: int | None = None) -> None:
        self.chip = FakeChip()
        self.pins = Pins(self.chip)
        self.timer = ChannelTimer(
            *(name, 0x4000_0000, self.chip),
            kind=KINDS[name],
            clock=self.chip.clock("TIMCLK", 1_000_000),
            irq=IRQ,
            irq_compare=irq_compare,
            outputs=self.pins,
        )
        self.firmware = Firmware(self.timer)

    def sr(self) -> int:
        return self.firmware.read("SR")

    def clear(self, flags: int) -> None:
        self.firmware.write("SR", ~flags & 0xFFFF_FFFF)

    def run_freely(self) -> None:
        """As an operating system's tick: no output, nothing but the counter and compares."""
        self.firmware.write("EGR", UG)
        self.firmware.write("SR", 0)
        self.firmware.write("CR1", CEN)

    def output(self, mode: int, period: int, compare: int) -> None:
        """Channel 1 drives its pin."""
        self.pins.routed.add("TIM2_CH1")
        self.firmware.write("ARR", period - 1)
        self.firmware.write("CCR1", compare)
        self.firmware.write("CCMR1_Output", mode << 4)
        self.firmware.write("CCER", 1)
        self.firmware.write("EGR", UG)
        self.firmware.write("CR1", CEN)


class Pins:
    """Keeps what the timer drives."""

    def __init__(self, chip: FakeChip) -> None:
        self._chip = chip
        self.routed: set[str] = set()
        self.edges: dict[str, list[tuple[Time, int | None]]] = {}

    def is_routed(self, signal: str) -> bool:
        return signal in self.routed

    def drive(self, signal: str, level: int | None) -> None:
        edges = self.edges.setdefault(signal, [])
        if not edges or edges[-1][1] != level:
            edges.append((self._chip.now, level))

    def times(self, signal: str = "TIM2_CH1") -> list[tuple[float, int | None]]:
        """The edges in microseconds."""
        return [(at.in_us, level) for at, level in self.edges.get(signal, [])]


@pytest.fixture
def bench() -> Bench:
    return Bench()


# -- compare interrupts
def test_a_compare_interrupts_at_its_count_without_an_output(bench: Bench) -> None:
    """As ChibiOS and RIOT use TIM2 for their ticks: CCxIE, and CCER stays 0."""
    bench.run_freely()
    bench.firmware.write("CCR1", 1000)
    bench.firmware.write("DIER", CC1)
    bench.chip.run(us(999))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}
    assert bench.sr() & CC1
    assert bench.firmware.read("CNT") == 1000
    bench.clear(CC1)
    assert bench.chip.interrupts == set()
    assert bench.chip.rules == []


@pytest.mark.parametrize(("number", "flag"), [(1, CC1), (2, CC2), (3, CC3), (4, CC4)])
def test_each_channel_has_its_flag_and_its_enable(bench: Bench, number: int, flag: int) -> None:
    bench.run_freely()
    bench.firmware.write(f"CCR{number}", 50)
    bench.firmware.write("DIER", flag)
    bench.chip.run(us(50))
    assert bench.chip.interrupts == {IRQ}
    assert bench.sr() == flag


def test_the_next_compare_is_set_from_the_handler(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("DIER", CC1)
    for tick in range(1, 5):
        bench.firmware.write("CCR1", 250 * tick)
        bench.chip.run(us(249))
        assert bench.chip.interrupts == set()
        bench.chip.run(us(1))
        assert bench.chip.interrupts == {IRQ}
        bench.clear(CC1)


def test_a_16_bit_counter_wraps_to_its_compare() -> None:
    bench = Bench("TIM3")
    bench.run_freely()
    bench.firmware.write("CNT", 0xFFF0)
    bench.firmware.write("SR", 0)
    bench.firmware.write("CCR2", 0x10)
    bench.firmware.write("DIER", CC2)
    bench.chip.run(us(0x1F))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}


def test_a_32_bit_counter_reaches_far_compares(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("CCR1", 3_000_000_000)
    bench.firmware.write("DIER", CC1)
    bench.chip.run(Time(2_999_999_999 * us(1)))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}
    assert bench.chip.events_run <= 2


def test_flags_are_set_without_interrupts_and_cost_no_events(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("CCR3", 70)
    bench.chip.run(us(69))
    assert bench.sr() == 0
    bench.chip.run(us(1))
    assert bench.sr() == CC3
    assert bench.chip.events_run == 0


def test_ug_and_a_written_counter_match_equal_compares(bench: Bench) -> None:
    """UG sets the counter to 0, which the compare registers hold after reset."""
    bench.firmware.write("EGR", UG)
    assert bench.sr() == UIF | CC1 | CC2 | CC3 | CC4
    bench.firmware.write("SR", 0)
    bench.firmware.write("CCR2", 77)
    bench.firmware.write("CNT", 77)
    assert bench.sr() == CC2


def test_the_firmware_can_set_a_channels_flag(bench: Bench) -> None:
    bench.run_freely()
    bench.firmware.write("DIER", CC2)
    bench.firmware.write("EGR", CC2)
    assert bench.sr() == CC2
    assert bench.chip.interrupts == {IRQ}
    assert bench.chip.rules == []


def test_a_compare_above_the_period_matches_at_the_overflow(bench: Bench) -> None:
    """31.4.5: CC1IF goes high on the counter overflow when CCR1 is greater than ARR."""
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 5000)
    bench.run_freely()
    bench.firmware.write("DIER", CC1)
    bench.chip.run(us(99))
    assert bench.sr() == 0
    bench.chip.run(us(1))
    assert bench.sr() & CC1


def test_a_preloaded_compare_waits_for_the_update(bench: Bench) -> None:
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 30)
    bench.firmware.write("CCMR1_Output", 1 << 3)  # OC1PE
    bench.run_freely()
    bench.firmware.write("CCR1", 60)
    bench.chip.run(us(30))
    assert bench.sr() & CC1
    bench.clear(CC1)
    bench.chip.run(us(70 + 59))
    assert not bench.sr() & CC1
    bench.chip.run(us(1))
    assert bench.sr() & CC1


def test_one_pulse_mode_stops_after_the_compare_and_the_period(bench: Bench) -> None:
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 40)
    bench.run_freely()
    bench.firmware.write("DIER", UIE | CC1)
    bench.firmware.write("CR1", CEN | OPM)
    bench.chip.run(us(40))
    assert bench.sr() == CC1
    bench.chip.run(us(60))
    assert bench.sr() & (CC1 | UIF) == CC1 | UIF
    assert not bench.firmware.read("CR1") & CEN
    bench.firmware.write("SR", 0)
    bench.chip.run(ms(1))
    assert bench.sr() == 0


def test_the_prescaler_divides_the_compare(bench: Bench) -> None:
    bench.firmware.write("PSC", 9)
    bench.run_freely()
    bench.firmware.write("CCR1", 20)
    bench.firmware.write("DIER", CC1)
    bench.chip.run(us(199))
    assert bench.chip.interrupts == set()
    bench.chip.run(us(1))
    assert bench.chip.interrupts == {IRQ}


def test_update_and_compare_share_the_line(bench: Bench) -> None:
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 10)
    bench.run_freely()
    bench.firmware.write("DIER", UIE | CC1)
    bench.chip.run(us(10))
    bench.clear(CC1)
    assert bench.chip.interrupts == set()
    bench.chip.run(us(90))
    assert bench.chip.interrupts == {IRQ}
    assert bench.sr() & (CC1 | UIF) == UIF


def test_an_advanced_timer_has_a_line_for_each() -> None:
    bench = Bench("TIM1", irq_compare=27)
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 10)
    bench.run_freely()
    bench.firmware.write("DIER", UIE | CC1)
    bench.chip.run(us(10))
    assert bench.chip.interrupts == {27}
    bench.chip.run(us(90))
    assert bench.chip.interrupts == {27, IRQ}


def test_the_repetition_counter_reduces_the_updates() -> None:
    """30.3.3: an update event every REP + 1 overflows."""
    bench = Bench("TIM1")
    bench.firmware.write("ARR", 99)
    bench.firmware.write("RCR", 2)
    bench.run_freely()
    bench.firmware.write("DIER", UIE)
    for _ in range(3):
        bench.chip.run(us(299))
        assert bench.chip.interrupts == set()
        bench.chip.run(us(1))
        assert bench.chip.interrupts == {IRQ}
        bench.clear(UIF)
    bench.firmware.write("DIER", 0)
    bench.chip.run(us(100 * 3 * 7 + 200))  # seven more, looked at once
    assert bench.sr() & UIF
    bench.clear(UIF)
    bench.chip.run(us(99))
    assert not bench.sr() & UIF
    bench.chip.run(us(1))
    assert bench.sr() & UIF


# -- outputs
def test_pwm_1_is_high_below_its_compare(bench: Bench) -> None:
    bench.output(PWM_1, 100, 30)
    bench.chip.run(us(250))
    assert bench.pins.times() == [(0, 1), (30, 0), (100, 1), (130, 0), (200, 1), (230, 0)]


def test_pwm_2_is_the_inverse_and_polarity_inverts_it(bench: Bench) -> None:
    bench.output(PWM_2, 100, 30)
    bench.chip.run(us(110))
    assert bench.pins.times() == [(0, 0), (30, 1), (100, 0)]
    bench.firmware.write("CCER", 1 | 2)
    assert bench.pins.times()[-1] == (110, 1)


@pytest.mark.parametrize(("compare", "level"), [(0, 0), (100, 1), (5000, 1)])
def test_pwm_at_its_limits_is_constant(bench: Bench, compare: int, level: int) -> None:
    bench.output(PWM_1, 100, compare)
    bench.chip.run(us(1000))
    assert bench.pins.times() == [(0, level)]


def test_a_toggled_output_has_half_the_frequency(bench: Bench) -> None:
    bench.output(TOGGLE, 100, 20)
    bench.chip.run(us(330))
    assert bench.pins.times() == [(0, 0), (20, 1), (120, 0), (220, 1), (320, 0)]


@pytest.mark.parametrize(("mode", "levels"), [(ACTIVE, [0, 1]), (INACTIVE, [0]), (HIGH, [1])])
def test_an_output_is_set_cleared_or_forced(bench: Bench, mode: int, levels: list[int]) -> None:
    bench.output(mode, 100, 20)
    bench.chip.run(us(150))
    assert [level for _, level in bench.pins.times()] == levels


def test_an_output_that_no_pin_carries_costs_no_events(bench: Bench) -> None:
    bench.output(PWM_1, 100, 30)
    bench.pins.routed.clear()
    bench.firmware.read("SR")
    bench.timer.pins_changed()
    before = bench.chip.events_run
    bench.chip.run(ms(10))
    assert bench.chip.events_run == before
    assert bench.pins.times()[-1][1] is None


def test_a_toggled_output_without_a_pin_keeps_its_parity(bench: Bench) -> None:
    bench.output(TOGGLE, 100, 20)
    bench.pins.routed.clear()
    bench.timer.pins_changed()
    bench.chip.run(us(100 * 7 + 50))  # eight matches
    bench.pins.routed.add("TIM2_CH1")
    bench.timer.pins_changed()
    assert bench.pins.times()[-1] == (750, 0)
    bench.chip.run(us(70))
    assert bench.pins.times()[-1] == (820, 1)


def test_outputs_of_an_advanced_timer_need_moe() -> None:
    bench = Bench("TIM1")
    bench.pins.routed |= {"TIM1_CH1", "TIM1_CH1N"}
    bench.firmware.write("ARR", 99)
    bench.firmware.write("CCR1", 30)
    bench.firmware.write("CCMR1_Output", PWM_1 << 4)
    bench.firmware.write("CCER", 1 | 4)
    bench.firmware.write("CR1", CEN)
    bench.chip.run(us(10))
    assert bench.pins.edges == {}
    bench.firmware.write("BDTR", 1 << 15)
    bench.chip.run(us(50))
    assert bench.pins.times("TIM1_CH1") == [(10, 1), (30, 0)]
    assert bench.pins.times("TIM1_CH1N") == [(10, 0), (30, 1)]


@pytest.mark.parametrize(
    ("register", "value", "what"),
    [
        ("CR1", DIR, "count up"),
        ("SMCR", 7, "slave mode"),
        ("SMCR", 1 << 14, "external clock"),
        ("DIER", 1 << 8, "DIER=0x100"),
        ("EGR", 1 << 6, "EGR=0x40"),
        ("CCMR1_Output", 1 << 16 | 4 << 4, "output mode 12"),
    ],
)
def test_modes_without_a_model_are_reported(
    bench: Bench, register: str, value: int, what: str
) -> None:
    bench.firmware.write(register, value)
    bench.firmware.write(register, value)
    assert bench.chip.rules == ["not-modelled"]
    assert what in bench.chip.violations[0][1]


def test_a_channel_as_an_input_is_reported(bench: Bench) -> None:
    bench.firmware.write("CCMR1_Output", 1)
    assert bench.chip.rules == []
    bench.firmware.write("CCER", 1)
    assert bench.chip.rules == ["not-modelled"]


# -- the whole chip
def test_a_pwm_output_reaches_its_pin(mcu: Mcu) -> None:
    mcu.set("RCC_AHB2ENR", 1)
    mcu.set("RCC_APB1ENR1", 1)
    edges: list[int | None] = []
    net: Net = mcu.wiring.net("PA5")
    net.watch(edges.append)
    mcu.write("GPIOA_AFRL", 1 << 20)  # PA5: TIM2_CH1
    mcu.write("GPIOA_MODER", 0xABFF_FFFF & ~(1 << 10))
    mcu.write("TIM2_PSC", 3)
    mcu.write("TIM2_ARR", 99)
    mcu.write("TIM2_CCR1", 25)
    mcu.write("TIM2_CCMR1_Output", PWM_1 << 4)
    mcu.write("TIM2_CCER", 1)
    mcu.write("TIM2_EGR", 1)
    mcu.write("TIM2_CR1", CEN)
    mcu.run(us(210))
    assert [level for level in edges if level is not None] == [1, 0, 1, 0, 1]
    mcu.set("GPIOA_MODER", 3 << 10)  # analog: the timer releases the pin
    assert net.level is None
    assert mcu.rules == []


def test_timers_share_lines_of_the_vector_table(mcu: Mcu) -> None:
    """TIM1_UP_TIM16 is position 25; it stays active while one of the two timers drives it."""
    mcu.set("RCC_APB2ENR", 1 << 11 | 1 << 17)
    for timer in ("TIM1", "TIM16"):
        mcu.write(f"{timer}_EGR", 1)
        mcu.write(f"{timer}_DIER", 1)
    assert 25 in mcu.host.interrupts
    mcu.write("TIM1_SR", 0)
    assert 25 in mcu.host.interrupts
    mcu.write("TIM16_SR", 0)
    assert 25 not in mcu.host.interrupts


def test_the_l432_has_its_own_timers() -> None:
    small = Mcu(STM32L432KC)
    names = {p.name for p in small.chip.bus.peripherals if p.name.startswith("TIM")}
    assert names == {"TIM1", "TIM2", "TIM6", "TIM7", "TIM15", "TIM16"}
