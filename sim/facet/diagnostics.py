"""Reports of broken rules: what the firmware did that would not work on the real board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from facet.firmware.elf import SourceLine
from facet.time import Time

_NOT_MODELLED: Final = "not-modelled"


@dataclass
class Violation:
    """A broken rule.

    Attributes:
        rule: its short name, such as ``unclocked-peripheral``.
        message: one sentence with the names of the registers.
        at: when it happened first.
        where: the firmware's line.
        count: how often it happened there.
    """

    rule: str
    message: str
    at: Time
    where: SourceLine
    count: int = 1

    @property
    def is_limit_of_facet(self) -> bool:
        """Whether Facet has no model of what the firmware used; the firmware may be right."""
        return self.rule == _NOT_MODELLED

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.rule}: {self.message}, at {self.where}{times}"


class Diagnostics:
    """Collects violations; a violation that is repeated at the same place is counted."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self._known: dict[tuple[str, str, int], Violation] = {}
        self._listeners: list[Callable[[Violation], None]] = []

    def subscribe(self, listener: Callable[[Violation], None]) -> None:
        """Calls `listener` with each violation so far, and with each new one as it happens."""
        self._listeners.append(listener)
        for violation in self.violations:
            listener(violation)

    def report(self, rule: str, message: str, at: Time, pc: int, where: SourceLine) -> Violation:
        """Adds a violation by the instruction at `pc`, or counts a repeated one."""
        key = (rule, message, pc)
        known = self._known.get(key)
        if known is not None:
            known.count += 1
            return known
        violation = Violation(rule, message, at, where)
        self._known[key] = violation
        self.violations.append(violation)
        for listener in self._listeners:
            listener(violation)
        return violation
