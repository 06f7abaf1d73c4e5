"""The rules of a simulated board."""

from __future__ import annotations

from collections.abc import Callable

from facet.diagnostics import Violation
from facet.machine import Machine


class SimulatedRules:
    """Reads the machine's diagnostics; see `facet.target.rules.Rules`."""

    def __init__(self, machine: Machine) -> None:
        self._diagnostics = machine.diagnostics

    @property
    def violations(self) -> list[Violation]:
        """What would not work on the real board."""
        return [found for found in self._diagnostics.violations if not found.is_limit_of_facet]

    @property
    def not_modelled(self) -> list[Violation]:
        """What Facet does not model."""
        return [found for found in self._diagnostics.violations if found.is_limit_of_facet]

    def on_violation(self, listener: Callable[[Violation], None]) -> None:
        """Calls `listener` with each report."""
        self._diagnostics.subscribe(listener)
