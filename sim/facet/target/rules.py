"""The capability `Rules`: reports of errors that would fail on the real board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from facet.diagnostics import Violation


class Rules(Protocol):
    """Reports the rules of the board that the firmware broke."""

    @property
    def violations(self) -> list[Violation]:
        """The errors and the warnings so far."""

    @property
    def errors(self) -> list[Violation]:
        """The errors so far: violations that stop or damage the program on the real board."""

    @property
    def warnings(self) -> list[Violation]:
        """The warnings so far: violations that the hardware ignores."""

    @property
    def not_modelled(self) -> list[Violation]:
        """The functions used so far that Facet does not model."""

    def allow(self, rule: str) -> None:
        """Declares that the firmware may break `rule`: for example a watchdog reset in a test.

        Raises:
            FacetError: there is no such rule.
        """

    def on_violation(self, listener: Callable[[Violation], None]) -> None:
        """Calls `listener` with each report of either kind, those of the past included."""
