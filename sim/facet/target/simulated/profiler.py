"""The profiler of a simulated board."""

from __future__ import annotations

from collections.abc import Sequence

from facet.chip import catalog
from facet.errors import FacetError
from facet.machine import Machine
from facet.profile.analyse import Analysis, Code
from facet.profile.clock_map import ClockMap
from facet.profile.debug_info import DebugInfo
from facet.profile.functions import FunctionTable
from facet.profile.phases import Phase, phases_of, profiled_functions
from facet.profile.result import Profile


class SimulatedProfiler:
    """Counts in the machine's engine; see `facet.target.profiler.Profiler`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._code: Code | None = None

    @property
    def is_on(self) -> bool:
        """Whether it counts."""
        return self._code is not None

    def start(self, phases: Sequence[Phase] | None = None) -> None:
        """Begins to count."""
        machine = self._machine
        debug = DebugInfo(machine.firmware)
        table = FunctionTable(machine.firmware, debug.names)
        found = phases_of(table, None if phases is None else list(phases))
        machine.start_profile(profiled_functions(table, found))
        kind = catalog.kind(machine.board)
        self._code = Code(
            machine.firmware, debug, table, found, kind.elf_machine, machine.chip.interrupt_names
        )

    def analyse(self) -> Analysis:
        """The counts with names."""
        if self._code is None:
            raise FacetError("nothing was profiled: start the profiler before the board runs")
        raw, clock = self._machine.read_profile()
        return Analysis(raw, ClockMap(clock), self._code)

    def profile(self) -> Profile:
        """The profile."""
        machine = self._machine
        return self.analyse().profile({"board": machine.board.name}, machine.now)
