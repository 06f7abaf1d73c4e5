"""Targets and their capabilities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest

from facet.board.board import load
from facet.device.camera import Camera
from facet.device.part import Part
from facet.errors import DeviceFailedError, FacetError
from facet.state import MCU
from facet.target.bench import Bench, DeviceError
from facet.target.console import Console
from facet.target.scene import Scene
from facet.target.simulated import simulate
from facet.target.states import States
from facet.target.target import CapabilityMissingError
from facet.time import ms, s
from tests.cli import programs
from tests.strict.program import needs_toolchain
from tests.target.scripted import scripted_target

BOARD = "nucleo_l476rg"


class TestATargetWithAConsoleOnly:
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(scripted_target(load(BOARD)))

    def test_talks_to_the_device(self, bench: Bench) -> None:
        assert bench.wait_for_boot()["reset"] == "pin"
        assert bench.ask("version")["firmware"] == "9.9"
        with pytest.raises(DeviceError, match="bad_command"):
            bench.ask("dance")

    def test_takes_no_event_for_the_answer_to_the_command_of_the_same_name(
        self, bench: Bench
    ) -> None:
        bench.wait_for_boot()
        assert bench.ask("sleep deep")["event"] == "ok"

    def test_names_what_it_lacks_and_what_it_has(self, bench: Bench) -> None:
        with pytest.raises(CapabilityMissingError) as raised:
            bench.target.need(Console, States, Scene)
        assert str(raised.value) == (
            "NUCLEO-L476RG (scripted) has no States: it has Console, Clock; "
            "NUCLEO-L476RG (scripted) has no Scene: it has Console, Clock"
        )
        with pytest.raises(CapabilityMissingError, match="has no Rules"):
            _ = bench.violations

    def test_times_out_without_the_states_of_a_chip(self, bench: Bench) -> None:
        bench.wait_for_boot()
        with pytest.raises(DeviceFailedError) as raised:
            bench.wait_for("result", s(3))
        assert "timed out after 3 s waiting for 'result'" in str(raised.value)
        assert "the core" not in str(raised.value)


@needs_toolchain
class TestASimulatedBoard:
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        bench = simulate(BOARD, programs.build(programs.HELLO, tmp_path))
        bench.run_for(ms(5))
        return bench

    def test_does_not_hand_out_its_machine(self, bench: Bench) -> None:
        for owner in (bench, bench.target):
            public = [name for name in dir(owner) if not name.startswith("_")]
            kinds = {type(getattr(owner, name)).__module__ for name in public}
            assert "facet.machine" not in kinds

    def test_gives_its_camera_by_a_protocol(self, bench: Bench) -> None:
        camera = bench.part("camera", Camera)
        assert camera.name == "camera"
        assert camera.last_frame is None

    def test_names_a_part_that_it_does_not_have(self, bench: Bench) -> None:
        with pytest.raises(FacetError, match="no part 'display'; it has camera"):
            bench.part("display", Part)

    def test_names_a_part_that_is_not_of_the_kind(self, bench: Bench) -> None:
        @runtime_checkable
        class Display(Part, Protocol):
            def picture(self) -> bytes: ...

        with pytest.raises(FacetError, match=r"camera \(arducam_ov2640\) is not a Display"):
            bench.part("camera", Display)

    def test_has_no_scene_without_a_camera(self, tmp_path: Path) -> None:
        board = replace(load(BOARD), parts=())
        bench = simulate(board, programs.build(programs.HELLO, tmp_path))
        with pytest.raises(CapabilityMissingError, match="has no camera among its parts"):
            bench.scene  # noqa: B018

    def test_refuses_a_part_or_a_mode_that_does_not_exist(self, bench: Bench) -> None:
        states = bench.states
        assert states.parts == ["mcu", "camera"]
        assert states.time_in(MCU, "run") == bench.now
        with pytest.raises(FacetError, match="mcu has no mode 'stop 2': there are run, "):
            states.time_in(MCU, "stop 2")
        with pytest.raises(FacetError, match="no part 'kamera': there are mcu, camera"):
            states.spans("kamera")
        with pytest.raises(FacetError, match="SPI1 has not reported a state"):
            states.present("SPI1")

    def test_has_the_states_of_peripherals(self, bench: Bench) -> None:
        assert states_of(bench, "USART2") == ["active", "idle"]

    def test_a_failure_that_a_part_does_not_have_is_refused(self, bench: Bench) -> None:
        with pytest.raises(FacetError, match="'on-fire': there are no-ack, no-frame, removed"):
            bench.faults.break_part("camera", "on-fire")

    def test_a_sleep_state_that_the_chip_does_not_have_is_refused(self, tmp_path: Path) -> None:
        board = replace(load(BOARD), sleep_state="deep sleep")
        with pytest.raises(FacetError, match=r"sleep_state is 'deep sleep'; the modes .* stop2"):
            simulate(board, programs.build(programs.HELLO, tmp_path))


def states_of(bench: Bench, part: str) -> list[str]:
    return [str(span.state) for span in bench.states.spans(part)]
