"""Profiles of small programs on bare cores."""

from __future__ import annotations

from typing import TypeAlias

from facet.engine.profiling import ProfilingEngine
from facet.profile.analyse import Analysis, Code
from facet.profile.clock_map import ClockMap
from facet.profile.debug_info import DebugInfo
from facet.profile.functions import FunctionTable
from facet.profile.phases import Phase, phases_of, profiled_functions
from facet.profile.result import Profile
from facet.time import Time
from tests.engine.bare_core import BareCore
from tests.engine.bare_rv32 import BareRv32

Bare: TypeAlias = BareCore | BareRv32


class Profiled:
    """A bare core whose cycles are counted from its first instruction on.

    Args:
        board: the core with its program, not yet run.
        phases: of the program.
    """

    def __init__(self, board: Bare, phases: list[Phase] | None = None) -> None:
        self.board = board
        debug = DebugInfo(board.firmware)
        table = FunctionTable(board.firmware, debug.names)
        machine = "EM_ARM" if isinstance(board, BareCore) else "EM_RISCV"
        self.code = Code(
            board.firmware,
            debug,
            table,
            phases_of(table, phases),
            machine,
            {0: "IRQ0", 1: "IRQ1"},
            board.core.read_memory,
        )
        assert isinstance(board.core, ProfilingEngine)
        self._states = [board.timeline.clock_state]
        board.timeline.on_release = self._states.append
        board.core.start_profile(profiled_functions(table, self.code.phases))

    def run(self, until: Time) -> Profile:
        """Runs to a time; the sums of the profile's parts are checked."""
        self.board.run(until)
        profile = self.analysis.profile({}, until)
        check_sums(profile)
        assert profile.cycles == self.board.core.cycles
        return profile

    @property
    def analysis(self) -> Analysis:
        """The counts so far."""
        assert isinstance(self.board.core, ProfilingEngine)
        return Analysis(self.board.core.read_profile(), ClockMap(self._states), self.code)


def check_sums(profile: Profile) -> None:
    """The parts of a profile add up to the whole, to the cycle."""
    assert profile.unaccounted == 0
    assert sum(profile.causes.values()) == profile.cycles
    for parts in (profile.phases, profile.threads, profile.functions):
        assert sum(part.cycles for part in parts) == profile.cycles
        for part in parts:
            assert sum(part.causes.values()) == part.cycles
    if profile.lines:
        assert sum(line.cycles for line in profile.lines) == profile.cycles
    for function in profile.functions:
        assert sum(function.inlined.values()) <= function.cycles


def calls_of(profile: Profile) -> dict[tuple[str, str], int]:
    """How often each function called each other one."""
    return {(call.caller, call.callee): call.calls for call in profile.calls}


def cycles_of(profile: Profile) -> dict[str, tuple[int, int]]:
    """Own cycles, and cycles with calls, by function."""
    return {f.name: (f.cycles, f.inclusive) for f in profile.functions}
