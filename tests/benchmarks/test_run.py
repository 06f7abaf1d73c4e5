"""The benchmark of the simulator's speed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import run
from facet.evaluation.evaluate import Setup
from facet.progress import Progress
from facet.target.simulated import simulate
from facet.time import ms
from tests.cli import programs


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """A firmware that sends a line at once."""
    return programs.build(programs.HELLO, tmp_path)


def test_the_start_of_facet_run_is_measured(hello: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_REPETITIONS", 1)
    with Progress("runs") as progress:
        assert 0 < run.start_up(Setup("nucleo_l476rg", hello), progress) < 60


def test_a_speed_is_work_in_elapsed_time(hello: Path) -> None:
    speed = run.measure(simulate("nucleo_l476rg", hello), ms(5))
    assert speed.instructions > 1000
    assert speed.cycles == pytest.approx(4_000_000 * 0.005, rel=0.1)  # MSI at reset, 4 MHz
    figures = speed.as_json()
    assert figures["instructions_per_second"] == round(speed.instructions / speed.wall_s)


@pytest.mark.parametrize("board", ["nucleo_l476rg", "nucleo_l432kc", "esp32c3_devkitm"])
def test_a_program_that_polls_counts_the_same_with_and_without_skipped_rounds(board: str) -> None:
    speeds = run.polling(Setup(board, Path()))
    assert speeds.skipped.instructions == speeds.executed.instructions > 100_000
    assert speeds.skipped.cycles == speeds.executed.cycles
    assert speeds.skipped.cpu_s < speeds.executed.cpu_s
