"""Reports of broken rules, at the firmware's lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from facet import rules
from facet.errors import FacetError
from facet.firmware.elf import SourceLine
from facet.rules import Rule, Severity
from facet.rules.rule import PAGE
from facet.time import Time

_MOST_SUBJECTS = 6
_MORE_SEVERE = {
    "unclocked-peripheral": "unclocked-access",
    "peripheral-in-reset": "access-in-reset",
}
"""A rule -> the milder rule that the read of a read-modify-write breaks at the same line."""
# A name in a manual: GPIOA_MODER, RCC_AHB2ENR.GPIOAEN=0, TIM2+0x44, PA5, SPI1.
_NAME = re.compile(r"\b[A-Z][A-Z0-9_]*[A-Z0-9](?:[.+_]\w+)*(?:=\w+)?")


@dataclass
class Violation:
    """A broken rule.

    Attributes:
        rule: its short name, such as ``unclocked-peripheral``.
        message: one sentence with the names of the registers.
        at: the time of the first occurrence.
        where: the line of the firmware.
        count: the number of occurrences there.
        also: the other registers or pins that broke the rule in the same way at the same line.
        allowed: the user declared that the rule may be broken.
    """

    rule: str
    message: str
    at: Time
    where: SourceLine
    count: int = 1
    also: list[str] = field(default_factory=list)
    allowed: bool = False

    @property
    def definition(self) -> Rule:
        """The rule's meaning, severity, manual and cure."""
        return rules.find(self.rule)

    @property
    def severity(self) -> Severity:
        """The effect of the violation on silicon."""
        return self.definition.severity

    @property
    def is_limit_of_facet(self) -> bool:
        """Whether Facet lacks a model of a function in use; the firmware may be right."""
        return self.severity is Severity.LIMIT

    def __str__(self) -> str:
        more = [f"{self.count} times"] if self.count > 1 else []
        if self.also:
            shown = ", ".join(self.also[:_MOST_SUBJECTS])
            rest = len(self.also) - _MOST_SUBJECTS
            more.append(f"also {shown}" + (f" and {rest} more" if rest > 0 else ""))
        details = f" ({'; '.join(more)})" if more else ""
        return f"{self.rule}: {self.message}, at {self.where}{details}"


class Diagnostics:
    """Collects violations.

    Violations of one rule and kind at one source line become one report, which has their count and
    lists the other registers and pins that they name.
    """

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self._known: dict[tuple[str, ...], Violation] = {}
        self._allowed: set[str] = set()
        self._listeners: list[Callable[[Violation], None]] = []

    def subscribe(self, listener: Callable[[Violation], None]) -> None:
        """Calls `listener` with each violation up to now, and with each new one."""
        self._listeners.append(listener)
        for violation in self.violations:
            listener(violation)

    def allow(self, rule: str) -> None:
        """Declares that the firmware may break `rule`, such as by a watchdog reset in a test.

        Raises:
            FacetError: there is no such rule.
        """
        if rule not in rules.RULES:
            raise FacetError(f"there is no rule {rule!r} to allow; {PAGE} lists all of them")
        self._allowed.add(rule)
        for violation in self.violations:
            violation.allowed |= violation.rule == rule

    def of(self, severity: Severity) -> list[Violation]:
        """The violations of `severity` up to now that are not allowed."""
        return [v for v in self.violations if v.severity is severity and not v.allowed]

    def report(self, rule: str, message: str, at: Time, pc: int, where: SourceLine) -> Violation:
        """Adds a violation by the instruction at `pc`, or adds to one of its kind.

        Raises:
            KeyError: `rule` is not registered in `facet.rules`; this is a fault of the model.
        """
        rules.find(rule)
        line = (str(where.file), str(where.line)) if where.file else (f"{pc:#x}",)
        key = (rule, _NAME.sub("#", message), *line)
        known = self._known.get(key)
        if known is not None:
            known.count += 1
            _add_subject(known, message)
            return known
        milder = _MORE_SEVERE.get(rule)
        self.violations = [v for v in self.violations if v.rule != milder or v.where != where]
        violation = Violation(rule, message, at, where, allowed=rule in self._allowed)
        self._known[key] = violation
        self.violations.append(violation)
        for listener in self._listeners:
            listener(violation)
        return violation


def _add_subject(violation: Violation, message: str) -> None:
    """Adds the register or pin in which `message` differs from the first message."""
    own, others = _NAME.findall(violation.message), _NAME.findall(message)
    for name, other in zip(own, others, strict=True):
        if name != other:
            if other not in violation.also:
                violation.also.append(other)
            return
