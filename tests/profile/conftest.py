"""Programs for bare cores, compiled on the spot, and a profiled decision of Facet's firmware."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from facet.board.board import load
from facet.dataset.loaders import load_frames
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find
from facet.profile.analyse import Analysis
from facet.profile.result import Profile
from facet.target.bench import Bench
from facet.target.decision import Decision
from facet.target.simulated import simulate
from tests.engine.bare_core import UNICORN
from tests.engine.conftest import Runner, runner
from tests.firmware_under_test import BOARD, MODEL, firmware


@pytest.fixture
def program(tmp_path: Path) -> Runner:
    """Compiles C for a Cortex-M4F and puts it into a core of the engine that profiles."""
    return runner(UNICORN, tmp_path)


@dataclass(frozen=True)
class Decided:
    """A board after one decision that was profiled from power-on; it may run on."""

    bench: Bench
    elf: Path
    decision: Decision
    analysis: Analysis
    profile: Profile
    cycles: int


def decide(board: str, elf: Path) -> Decided:
    """Lets a board make its first decision."""
    bench = simulate(board, elf)
    bench.profiler.start()
    bench.show(load_frames("drawn", limit=1)[0])
    bench.wait_for_boot()
    decision = bench.next_decision()
    profiler = bench.profiler
    return Decided(bench, elf, decision, profiler.analyse(), profiler.profile(), bench.core.cycles)


@pytest.fixture(scope="session")
def decided() -> Decided:
    """The NUCLEO-L476RG after its first decision."""
    return decide(BOARD, firmware())


@pytest.fixture(scope="session", params=["nucleo_l432kc", "esp32c3_devkitm"])
def decided_elsewhere(request: pytest.FixtureRequest) -> Decided:
    """The other boards after their first decision."""
    elf = FirmwareCache().get(load(request.param), find(MODEL))
    return decide(request.param, elf)
