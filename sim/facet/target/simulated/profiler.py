"""The profiler of a simulated board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facet.chip import catalog
from facet.chip.peripheral import BusError
from facet.errors import FacetError
from facet.firmware.elf import Firmware
from facet.machine import Machine
from facet.profile.analyse import Analysis, Code
from facet.profile.arena import arena_use
from facet.profile.clock_map import ClockMap
from facet.profile.debug_info import DebugInfo
from facet.profile.functions import FunctionTable
from facet.profile.linker_map import read_map
from facet.profile.memory import memory_use
from facet.profile.phases import OWN_MARK, Phase, phases_of, profiled_functions
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
        kind = catalog.kind(machine.board)
        table = FunctionTable(machine.firmware, debug.names, kind.rom_functions())
        found = phases_of(table, None if phases is None else list(phases))
        machine.start_profile(profiled_functions(table, found))
        self._code = Code(
            machine.firmware,
            debug,
            table,
            found,
            kind.elf_machine,
            machine.chip.interrupt_names,
            self._read,
        )

    def _read(self, address: int, size: int) -> bytes:
        try:
            return self._machine.read_memory(address, size)
        except BusError:
            return b""

    def check(self, functions: Sequence[str]) -> None:
        """Raises for functions that are not there."""
        table = self._code.table if self._code else FunctionTable(self._machine.firmware)
        for name in functions:
            if table.has_symbols:
                table.named(name)
            elif not name.startswith("0x"):
                raise FacetError(
                    f"{self._machine.firmware.path} has no symbols, and so no function {name!r}: "
                    "give the address of its first instruction, such as 0x08000100"
                )

    def analyse(self) -> Analysis:
        """The counts with names."""
        if self._code is None:
            raise FacetError("nothing was profiled: start the profiler before the board runs")
        raw, clock = self._machine.read_profile()
        return Analysis(raw, ClockMap(clock), self._code)

    def profile(
        self, run: Mapping[str, Any] | None = None, linker_map: Path | None = None, **more: Any
    ) -> Profile:
        """The profile."""
        machine = self._machine
        known = {"board": machine.board.name} if run is None else dict(run)
        analysis = self.analyse()
        if isinstance(machine.firmware, Firmware):
            more["memory"] = self._memory(machine.firmware, linker_map)
            more["arena"] = self._arena(machine.firmware, analysis)
        return analysis.profile(known, machine.now, **more)

    def _memory(self, firmware: Firmware, linker_map: Path | None) -> dict[str, Any]:
        beside = firmware.path.with_suffix(".map")
        path = linker_map or (beside if beside.exists() else None)
        found = None if path is None else read_map(path)
        return memory_use(firmware, self._machine.chip.memory, found)

    def _arena(self, firmware: Firmware, analysis: Analysis) -> dict[str, Any]:
        """The plan of the arena; only Facet's own interpreter is known to make it so."""
        model = analysis.model
        if model is None or not analysis.code.table.find(OWN_MARK):
            return {}
        arena = next((s for s in firmware.sections if s.name == ".arena"), None)
        is_arm = analysis.code.machine == "EM_ARM"
        return arena_use(model, is_arm, arena.size if arena else None)
