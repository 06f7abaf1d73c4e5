"""Rules of the hardware that a firmware can break: name, severity, meaning, cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PAGE = "docs/rules.md"


class Severity(Enum):
    """The effect of a broken rule on silicon."""

    ERROR = "error"
    """The program stops, loses data or settings that it relies on, or the hardware leaves its
    limits."""
    WARNING = "warning"
    """The hardware ignores or corrects the access, and the program continues."""
    LIMIT = "limit"
    """None: Facet lacks a model of a function that the program uses."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: the name in reports, such as ``unclocked-peripheral``.
        severity: the effect on silicon.
        meaning: one sentence.
        manual: manual and section.
        cure: the change of the firmware that avoids it.
    """

    name: str
    severity: Severity
    meaning: str
    manual: str
    cure: str

    @property
    def anchor(self) -> str:
        """The address of its description in the page of all rules."""
        return f"{PAGE}#{self.name}"


def errors(*rows: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """Makes rules that stop or damage the program when they are broken.

    Args:
        rows: name, meaning, manual and cure of each.
    """
    return tuple(Rule(name, Severity.ERROR, *rest) for name, *rest in rows)


def warnings(*rows: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """Makes rules that the hardware ignores when they are broken; see `errors`."""
    return tuple(Rule(name, Severity.WARNING, *rest) for name, *rest in rows)
