"""The rules of a simulated board."""

from __future__ import annotations

from collections.abc import Callable

from facet.diagnostics import Violation
from facet.machine import Machine
from facet.rules import Severity


class SimulatedRules:
    """Reads the machine's diagnostics; see `facet.target.rules.Rules`."""

    def __init__(self, machine: Machine) -> None:
        self._diagnostics = machine.diagnostics

    @property
    def violations(self) -> list[Violation]:
        """The errors and the warnings."""
        return self.errors + self.warnings

    @property
    def errors(self) -> list[Violation]:
        """The errors: violations that stop or damage the program."""
        return self._diagnostics.of(Severity.ERROR)

    @property
    def warnings(self) -> list[Violation]:
        """The warnings: violations that the hardware ignores."""
        return self._diagnostics.of(Severity.WARNING)

    @property
    def not_modelled(self) -> list[Violation]:
        """The functions in use that Facet does not model."""
        return self._diagnostics.of(Severity.LIMIT)

    def allow(self, rule: str) -> None:
        """Declares that the firmware may break `rule`."""
        self._diagnostics.allow(rule)

    def on_violation(self, listener: Callable[[Violation], None]) -> None:
        """Calls `listener` with each report."""
        self._diagnostics.subscribe(listener)
