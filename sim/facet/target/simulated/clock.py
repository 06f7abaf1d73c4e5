"""The clock of a simulated board."""

from __future__ import annotations

from collections.abc import Callable

from facet.machine import Machine
from facet.time import Time


class SimulatedClock:
    """Virtual time; see `facet.target.clock.Clock`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def now(self) -> Time:
        """The virtual time since power-on."""
        return self._machine.now

    def run_until(self, at: Time) -> None:
        """Runs the board until `at`."""
        self._machine.run(at)

    def stop(self) -> None:
        """Ends the run at the core's next basic block."""
        self._machine.stop()

    def at(self, at: Time, action: Callable[[], None]) -> None:
        """Plans an action."""
        self._machine.schedule_at(at, action, "test")
