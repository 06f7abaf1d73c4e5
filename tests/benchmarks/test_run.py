"""The benchmark of the simulator's speed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import run
from facet.cycles.parts import Parts
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
        assert 0 < run.start_up("nucleo_l476rg", hello, Parts.FULL, progress) < 60


def test_a_speed_is_work_in_elapsed_time(hello: Path) -> None:
    speed = run.measure(simulate("nucleo_l476rg", hello), ms(5))
    assert speed.instructions > 1000
    assert speed.cycles == pytest.approx(4_000_000 * 0.005, rel=0.1)  # MSI at reset, 4 MHz
    figures = speed.as_json()
    assert figures["instructions_per_second"] == round(speed.instructions / speed.wall_s)
