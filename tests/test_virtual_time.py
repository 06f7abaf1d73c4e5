"""Virtual time, its events and its clocks."""

from __future__ import annotations

import pytest

from facet.clock import ClockSignal
from facet.time import NEVER, ZERO, Time, ms, of_ticks, parse, s, us
from facet.timeline import EventQueue


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2s", s(2)),
        ("250ms", ms(250)),
        ("0.5us", us(0.5)),
        (".5us", us(0.5)),
        ("100ns", Time(100_000)),
        ("3min", s(180)),
        ("1.5h", s(5400)),
        ("1h30min", s(5400)),
        ("1 h 30 min", s(5400)),
        ("2d", s(172_800)),
        ("1d2h3min4s5ms", s(93_784.005)),
        ("1e3ms", s(1)),
        ("50d", s(50 * 86_400)),
        ("0.1us", Time(100_000)),
        ("0s", ZERO),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, span: Time) -> None:
    assert parse(text) == span


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        *((text, "not a span of time") for text in ("", "5", "ms", "-1s", "ten ms", "5m", "1x")),
        *(
            (text, "not a span of time")
            for text in ("nans", "infs", "1s2", "1..5s", "9" * 50 + "s")
        ),
        *((text, "each unit once, the larger first") for text in ("30min1h", "1h1h", "5ms1s")),
        *((text, "too long: at most 50d") for text in ("51d", "1e9s", "1e99d", "1201h")),
    ],
)
def test_a_text_that_is_not_a_span_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
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
