"""The processor core of a simulated board."""

from __future__ import annotations

from facet.chip.state import LOCKED_UP
from facet.firmware.elf import SourceLine
from facet.machine import Machine
from facet.state import MCU


class SimulatedCore:
    """Reads the machine's counters; see `facet.target.core.Core`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def engine(self) -> str:
        """The CPU engine with its version."""
        return self._machine.engine.name

    @property
    def cycle_count(self) -> str:
        """How the engine counts cycles."""
        return self._machine.engine.cycles

    @property
    def counts_cycles(self) -> bool:
        """Whether that is by the cycle model."""
        return self._machine.engine.counts_cycles

    @property
    def cycles(self) -> int:
        """Core cycles since power-on."""
        return self._machine.cycles

    @property
    def instructions(self) -> int:
        """Instructions since power-on."""
        return self._machine.instructions

    @property
    def where(self) -> SourceLine:
        """The line that the core is at."""
        return self._machine.source_line()

    @property
    def locked_up(self) -> bool:
        """Whether the core locked up; a lock-up that lasted no time yet counts as well."""
        trace = self._machine.trace
        present = trace.present(MCU)
        states = [*trace.durations(MCU, self._machine.now), *([present] if present else [])]
        return any(state.mode == LOCKED_UP for state in states)
