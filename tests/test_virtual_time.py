"""Virtual time, its events and its clocks."""

from __future__ import annotations

import pytest

from facet.clock import ClockSignal
from facet.time import NEVER, ZERO, Time, ms, of_ticks, parse, s, us
from facet.timeline import EventQueue


def test_spans_are_read_as_people_write_them() -> None:
    assert parse("2s") == s(2)
    assert parse("250ms") == ms(250)
    assert parse("0.5us") == us(0.5)


@pytest.mark.parametrize("text", ["", "5", "ms", "-1s", "1e9s", "ten ms"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|float|range"):
        parse(text)


def test_80_mhz_divides_time_without_a_rest() -> None:
    assert of_ticks(80_000_000, 80_000_000) == s(1)
    assert of_ticks(1, 80_000_000) == 12_500


def test_events_of_one_time_fire_in_the_order_they_were_made() -> None:
    queue, fired = EventQueue(), []
    for name in "abc":
        queue.at(ms(1), lambda name=name: fired.append(name), name)  # type: ignore[misc]
    queue.at(us(1), lambda: fired.append("first"), "first").cancel()
    while (event := queue.pop_due(ms(1))) is not None:
        event.action()
    assert fired == ["a", "b", "c"]
    assert queue.next_time() == NEVER


def test_a_clock_keeps_its_ticks_when_its_frequency_changes() -> None:
    now = ZERO
    clock = ClockSignal("HCLK", lambda: now)
    clock.set_hz(4_000_000)
    now = ms(1)
    clock.set_hz(80_000_000)
    now = ms(2)
    assert clock.ticks() == 4_000 + 80_000
    assert clock.time_of(84_001) == Time(ms(2) + 12_500)
    clock.set_hz(0)
    now = ms(5)
    assert clock.ticks() == 84_000
    assert clock.time_of(84_001) == NEVER
