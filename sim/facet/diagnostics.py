"""What the board reports of the firmware: each rule that it broke, by name and source line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facet.firmware.elf import SourceLine
from facet.time import Time


@dataclass
class Violation:
    """Something that would not work on the real board.

    Attributes:
        rule: its short name, such as ``unclocked-peripheral``.
        message: one sentence with the registers' names.
        at: when it happened first.
        where: the firmware's line.
        count: how often it happened there.
    """

    rule: str
    message: str
    at: Time
    where: SourceLine
    count: int = 1

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.rule}: {self.message}, at {self.where}{times}"


class Diagnostics:
    """Collects violations; the same one at the same place is counted, not repeated."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self._known: dict[tuple[str, str, int], Violation] = {}
        self.on_new: Callable[[Violation], None] = lambda _: None

    def report(self, rule: str, message: str, at: Time, pc: int, where: SourceLine) -> Violation:
        """Adds a violation by the instruction at `pc`, or counts it."""
        key = (rule, message, pc)
        known = self._known.get(key)
        if known is not None:
            known.count += 1
            return known
        violation = Violation(rule, message, at, where)
        self._known[key] = violation
        self.violations.append(violation)
        self.on_new(violation)
        return violation
