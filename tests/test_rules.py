"""The registry of rules holds every rule that a model reports, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from facet.diagnostics import Diagnostics
from facet.errors import FacetError
from facet.firmware.elf import SourceLine
from facet.rules import RULES, SECTIONS, Rule, Severity, find
from facet.time import ZERO, us

_PROJECT = Path(__file__).parents[1]
_PACKAGE = _PROJECT / "sim" / "facet"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|fault|watchdog")
_REPORTERS = {
    *("violation", "_violation", "report", "_report", "report_once", "fault"),
    *("_report_once", "_refused"),
}


def _sources() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        if _PACKAGE / "rules" not in path.parents:
            yield path, ast.parse(path.read_text())


def _reported() -> set[str]:
    """Every rule's name that stands as the first argument of a call that reports."""
    found = set()
    for _, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                function = node.func
                called = function.attr if isinstance(function, ast.Attribute) else ""
                name = node.args[0].value
                if called in _REPORTERS and isinstance(name, str) and _NAME.fullmatch(name):
                    found.add(name)
    return found


def _strings() -> set[str]:
    return {
        node.value
        for _, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_rule_that_is_reported_is_registered() -> None:
    reported = _reported()
    assert len(reported) > 80
    assert reported <= set(RULES)


def test_every_rule_that_is_registered_is_reported() -> None:
    assert set(RULES) <= _strings()


def test_every_rule_is_triggered_by_a_test() -> None:
    tests = "".join(
        path.read_text()
        for path in (_PROJECT / "tests").rglob("*.py")
        if path.name != Path(__file__).name
    )
    assert [name for name in RULES if f'"{name}"' not in tests] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_has_a_meaning_a_manual_and_a_cure(rule: Rule) -> None:
    assert _NAME.fullmatch(rule.name)
    assert rule.meaning.endswith(".")
    assert rule.cure.endswith(".")
    assert rule.manual


def test_no_rule_is_registered_twice() -> None:
    assert sum(len(rules) for rules in SECTIONS.values()) == len(RULES)


def test_a_rule_that_is_not_registered_is_an_internal_error() -> None:
    with pytest.raises(KeyError, match="no rule 'made-up' is registered"):
        Diagnostics().report("made-up", "something", ZERO, 0, SourceLine(None, None, None))


def test_the_page_describes_every_rule_at_its_anchor() -> None:
    page = (_PROJECT / "docs" / "rules.md").read_text()
    for rule in RULES.values():
        path, _, anchor = rule.anchor.partition("#")
        assert (_PROJECT / path).exists()
        assert f"\n### {anchor}\n" in page


# -- reports
LINE = SourceLine("reset", "blink.c", 8)


def test_registers_of_one_kind_at_one_line_fold_into_one_report() -> None:
    diagnostics = Diagnostics()
    for number, port in enumerate("ABCA"):
        diagnostics.report(
            "unclocked-peripheral",
            f"GPIO{port}_MODER written while RCC_AHB2ENR.GPIO{port}EN=0",
            us(number),
            0x0800_0000 + 2 * number,
            LINE,
        )
    (violation,) = diagnostics.violations
    assert str(violation) == (
        "unclocked-peripheral: GPIOA_MODER written while RCC_AHB2ENR.GPIOAEN=0, "
        "at blink.c:8 in reset (4 times; also GPIOB_MODER, GPIOC_MODER)"
    )


def test_a_long_row_of_registers_is_cut_short() -> None:
    diagnostics = Diagnostics()
    for number in range(12):
        message = f"TIM2+{4 * number:#x} written: the offset is reserved"
        diagnostics.report("no-such-register", message, ZERO, 0, LINE)
    (violation,) = diagnostics.violations
    assert "12 times; also TIM2+0x4, " in str(violation)
    assert str(violation).endswith(" and 5 more)")


def test_other_lines_and_other_rules_have_separate_reports() -> None:
    diagnostics = Diagnostics()
    message = "GPIOA_MODER written while RCC_AHB2ENR.GPIOAEN=0"
    for rule, line in (
        ("unclocked-peripheral", 8),
        ("unclocked-peripheral", 9),
        ("unclocked-access", 8),
    ):
        diagnostics.report(rule, message, ZERO, 0, SourceLine("reset", "blink.c", line))
    assert len(diagnostics.violations) == 3


def test_a_read_modify_write_is_reported_as_a_write() -> None:
    diagnostics = Diagnostics()
    for rule, verb in (("unclocked-access", "read"), ("unclocked-peripheral", "written")):
        diagnostics.report(rule, f"SPI1_CR1 {verb} while RCC_APB2ENR.SPI1EN=0", ZERO, 0, LINE)
    assert [violation.rule for violation in diagnostics.violations] == ["unclocked-peripheral"]


def test_without_source_lines_each_instruction_has_a_report() -> None:
    diagnostics = Diagnostics()
    unknown = SourceLine(None, None, None)
    for pc in (0, 2, 2):
        message = "GPIOA_MODER written while RCC_AHB2ENR.GPIOAEN=0"
        diagnostics.report("unclocked-peripheral", message, ZERO, pc, unknown)
    assert [violation.count for violation in diagnostics.violations] == [1, 2]


def test_violations_have_two_classes_and_limits_are_in_neither() -> None:
    diagnostics = Diagnostics()
    for rule in ("flash-latency", "unclocked-access", "not-modelled"):
        diagnostics.report(rule, "text", ZERO, 0, LINE)
    for severity, rule in zip(
        Severity, ("flash-latency", "unclocked-access", "not-modelled"), strict=True
    ):
        assert [violation.rule for violation in diagnostics.of(severity)] == [rule]
        assert find(rule).severity is severity


def test_an_allowed_rule_is_not_a_violation() -> None:
    diagnostics = Diagnostics()
    diagnostics.report("watchdog", "not fed", ZERO, 0, LINE)
    diagnostics.allow("watchdog")
    diagnostics.report("watchdog", "not fed for 2 s", ZERO, 4, LINE)
    assert diagnostics.of(Severity.WARNING) == []
    assert len(diagnostics.violations) == 2


def test_an_unknown_rule_cannot_be_allowed() -> None:
    with pytest.raises(FacetError, match=r"no rule 'wachdog' to allow; docs/rules\.md lists"):
        Diagnostics().allow("wachdog")
