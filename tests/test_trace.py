"""States as values, and their trace."""

from __future__ import annotations

from dataclasses import dataclass

from facet.chip.esp32c3.state import Esp32C3Mode, Esp32C3State
from facet.chip.state import RunningClock
from facet.chip.stm32l4.state import Stm32L4Mode, Stm32L4State
from facet.device.camera import CameraMode, CameraState
from facet.state import Mode, State
from facet.time import ZERO, ms, s
from facet.trace import Change, Span, StateTrace, merged


class DisplayMode(Mode):
    OFF = "off"
    ON = "on"


@dataclass(frozen=True)
class DisplayState(State):
    """A state with a field of its own, as a part of somebody else would have."""

    lit_pixels: int = 0


OFF = DisplayState(DisplayMode.OFF)
DIM = DisplayState(DisplayMode.ON, lit_pixels=10)
BRIGHT = DisplayState(DisplayMode.ON, lit_pixels=900)


def test_states_have_texts_for_people() -> None:
    run = Stm32L4State(Stm32L4Mode.RUN, core_hz=80_000_000, voltage_range=1)
    assert run.text == "run 80 MHz range 1"
    slow = Stm32L4State(Stm32L4Mode.LOW_POWER_RUN, core_hz=100_000)
    assert slow.text == "low-power run 0.1 MHz"
    assert Stm32L4State(Stm32L4Mode.STOP2).text == "stop2"
    assert Esp32C3State(Esp32C3Mode.SLEEP, core_hz=160_000_000).text == "sleep 160 MHz"
    assert Esp32C3State(Esp32C3Mode.DEEP_SLEEP).text == "deep sleep"
    assert CameraState(CameraMode.STREAMING, frame_time=ms(33)).text == "streaming"


def test_states_are_equal_by_value() -> None:
    on_msi = Stm32L4State(Stm32L4Mode.RUN, running=(RunningClock("MSI", 4_000_000),))
    assert on_msi == Stm32L4State(Stm32L4Mode.RUN, running=(RunningClock("MSI", 4_000_000),))
    assert on_msi != Stm32L4State(Stm32L4Mode.RUN)
    assert on_msi.text == Stm32L4State(Stm32L4Mode.RUN).text
    assert OFF.modes == ("off", "on")


def displayed() -> StateTrace:
    trace = StateTrace()
    trace.record(ZERO, "display", OFF)
    trace.record(ms(1), "display", OFF)  # no change
    trace.record(ms(2), "display", DIM)
    trace.record(ms(2), "lamp", State(DisplayMode.ON))
    trace.record(ms(5), "display", BRIGHT)
    trace.record(ms(9), "display", OFF)
    return trace


def test_spans_are_cut_at_both_ends() -> None:
    trace = displayed()
    assert trace.spans("display", ms(8), since=ms(3)) == [
        Span(ms(3), ms(5), DIM),
        Span(ms(5), ms(8), BRIGHT),
    ]
    assert trace.spans("display", ms(20), since=ms(9)) == [Span(ms(9), ms(20), OFF)]
    assert trace.spans("display", ms(2), since=ms(2)) == []
    assert trace.spans("radio", ms(8)) == []


def test_spans_and_durations_agree() -> None:
    trace = displayed()
    durations = trace.durations("display", ms(10))
    assert durations == {OFF: ms(3), DIM: ms(3), BRIGHT: ms(4)}
    for state, duration in durations.items():
        spans = [span for span in trace.spans("display", ms(10)) if span.state == state]
        assert sum(span.length for span in spans) == duration


def test_spans_that_read_alike_are_joined() -> None:
    spans = displayed().spans("display", ms(10))
    assert [(span.begin, span.end, span.state.text) for span in merged(spans)] == [
        (ZERO, ms(2), "off"),
        (ms(2), ms(9), "on"),
        (ms(9), ms(10), "off"),
    ]


def test_spans_with_a_gap_between_them_stay_apart() -> None:
    spans = [Span(ZERO, ms(1), OFF), Span(ms(2), ms(3), OFF)]
    assert merged(spans) == spans


def test_a_state_that_lasts_no_time_leaves_no_span() -> None:
    trace = StateTrace()
    trace.record(ZERO, "display", OFF)
    trace.record(ms(4), "display", BRIGHT)
    trace.record(ms(4), "display", DIM)
    trace.record(ms(6), "display", BRIGHT)
    trace.record(ms(6), "display", DIM)  # as before
    trace.record(ms(7), "display", OFF)
    assert trace.spans("display", ms(8)) == [
        Span(ZERO, ms(4), OFF),
        Span(ms(4), ms(7), DIM),
        Span(ms(7), ms(8), OFF),
    ]
    assert trace.durations("display", ms(8)) == {OFF: ms(5), DIM: ms(3)}


def test_a_first_state_may_be_replaced_at_once() -> None:
    trace = StateTrace()
    trace.record(ZERO, "display", OFF)
    trace.record(ZERO, "display", DIM)
    assert trace.spans("display", ms(1)) == [Span(ZERO, ms(1), DIM)]
    assert trace.durations("display", ms(1)) == {DIM: ms(1)}


def test_changes_of_all_parts_come_in_the_order_of_time() -> None:
    changes = list(displayed().changes())
    assert [change.at for change in changes] == [ZERO, ms(2), ms(2), ms(5), ms(9)]
    assert changes[2] == Change(ms(2), "lamp", State(DisplayMode.ON))


def test_a_listener_can_integrate_during_the_run() -> None:
    trace = StateTrace()
    changes: list[Change] = []
    trace.subscribe(lambda at, subject, state: changes.append(Change(at, subject, state)))
    trace.record(ZERO, "display", OFF)
    trace.record(ms(1), "display", OFF)
    trace.record(ms(2), "display", DIM)
    assert changes == [Change(ZERO, "display", OFF), Change(ms(2), "display", DIM)]


def test_a_long_run_takes_little_memory() -> None:
    trace = StateTrace()
    for second in range(100_000):
        trace.record(s(second), "display", (OFF, DIM)[second % 2])
    track = trace._tracks["display"]
    used = sum(
        column.buffer_info()[1] * column.itemsize for column in (track._times, track._numbers)
    )
    assert used <= 12 * 100_000
    assert trace.durations("display", s(100_000)) == {OFF: s(50_000), DIM: s(50_000)}
