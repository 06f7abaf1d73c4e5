"""The bench: a device with the real firmware, as a person in front of it meets it."""

from __future__ import annotations

import pytest

from facet.dataset.faces import draw_face
from facet.errors import DeviceFailedError, FacetError
from facet.state import MCU
from facet.target.bench import Bench, DeviceError
from facet.target.simulated import simulate
from facet.time import ms, s
from tests.firmware_under_test import BOARD, firmware


@pytest.fixture
def bench() -> Bench:
    """A device that has booted and decides only on command."""
    bench = simulate(BOARD, firmware())
    bench.wait_for_boot()
    bench.show(draw_face("happy", 3))
    bench.next_decision()  # it decides once after power-on in any case
    assert bench.ask("interval 0")["interval_ms"] == 0
    return bench


def test_a_face_that_is_shown_is_named(bench: Bench) -> None:
    for emotion in ("surprised", "neutral"):
        assert bench.decide(draw_face(emotion, 1_000_002)).said == emotion


def test_a_question_gets_its_answer(bench: Bench) -> None:
    assert bench.ask("threshold 80")["threshold"] == 80
    assert bench.ask("stats")["threshold"] == 80


def test_a_wrong_command_is_an_error_with_its_code(bench: Bench) -> None:
    with pytest.raises(DeviceError) as raised:
        bench.ask("treshold 80")
    assert raised.value.code == "bad_command"


def test_a_timeout_names_what_was_waited_for_and_the_last_output(bench: Bench) -> None:
    expected = r"timed out after 3 s waiting for 'result'.*the core is in stop2 at .*\"sleep\""
    with pytest.raises(DeviceFailedError, match=expected):
        bench.wait_for("result", s(3))
    # For some 2 s after power-on the RTC's crystal starts, in the Sleep mode that waits for it.
    assert bench.states.time_in(MCU, "stop2", bench.now - s(1)) == s(1)


def test_a_camera_that_is_pulled_out_is_reported_and_one_put_back_works(bench: Bench) -> None:
    bench.faults.break_part("camera", "removed")
    with pytest.raises(DeviceError) as raised:
        bench.decide(draw_face("sad", 1_000_001))
    assert raised.value.code == "camera_absent"
    bench.faults.repair_part("camera")
    assert bench.decide().said == "sad"


def test_what_changes_the_scene_reaches_the_camera(bench: Bench) -> None:
    face = draw_face("happy", 3)
    clear = bench.decide(face)
    assert bench.decide(face).scores == clear.scores
    assert bench.decide(face, contrast_percent=0).scores != clear.scores  # plain gray


def test_a_scene_setting_that_does_not_exist_is_named(bench: Bench) -> None:
    with pytest.raises(FacetError, match="moonlight"):
        bench.show(draw_face("happy", 3), moonlight=1)


def test_the_firmware_breaks_no_rule_of_the_board(bench: Bench) -> None:
    bench.decide(draw_face("angry", 4))
    bench.run_for(ms(100))
    assert [str(violation) for violation in bench.violations + bench.not_modelled] == []
