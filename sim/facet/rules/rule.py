"""What a rule of the board is: its name, how grave it is to break it, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PAGE = "docs/rules.md"


class Severity(Enum):
    """What breaking a rule means on silicon."""

    ERROR = "error"
    """The program stops, loses data or settings that it relies on, or the hardware leaves its
    limits."""
    WARNING = "warning"
    """The hardware ignores the access, or corrects it, and the program goes on."""
    LIMIT = "limit"
    """Nothing: Facet lacks a model of what the program uses."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: as reports give it, such as ``unclocked-peripheral``.
        severity: what breaking it means on silicon.
        meaning: one sentence.
        manual: manual and section.
        cure: what to change in the firmware.
    """

    name: str
    severity: Severity
    meaning: str
    manual: str
    cure: str

    @property
    def anchor(self) -> str:
        """Where the page of all rules describes it."""
        return f"{PAGE}#{self.name}"


def errors(*rows: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """Rules whose breach stops or damages the program.

    Args:
        rows: name, meaning, manual and cure of each.
    """
    return tuple(Rule(name, Severity.ERROR, *rest) for name, *rest in rows)


def warnings(*rows: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """Rules whose breach the hardware ignores; see `errors`."""
    return tuple(Rule(name, Severity.WARNING, *rest) for name, *rest in rows)
