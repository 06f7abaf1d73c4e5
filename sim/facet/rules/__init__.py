"""The registry of all rules that a report can name."""

from __future__ import annotations

from facet.rules import core, esp32c3, parts, stm32l4
from facet.rules.rule import Rule, Severity

__all__ = ["RULES", "SECTIONS", "Rule", "Severity", "find"]

SECTIONS: dict[str, tuple[Rule, ...]] = {
    module.TITLE: module.RULES for module in (core, stm32l4, esp32c3, parts)
}
"""Heading of the page of rules -> its rules."""

RULES: dict[str, Rule] = {rule.name: rule for rules in SECTIONS.values() for rule in rules}
"""Name -> rule."""


def find(name: str) -> Rule:
    """The rule called `name`.

    Raises:
        KeyError: there is none; a model that reports it lacks an entry here.
    """
    try:
        return RULES[name]
    except KeyError:
        raise KeyError(f"no rule {name!r} is registered in facet.rules") from None
