"""A comparison of profiles as a table, as Markdown for a pull request, and as JUnit's XML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from rich.table import Table
from rich.text import Text

from facet.profile.compare import Difference
from facet.report.tables import plain_table
from facet.text import printable, shortened

_LEAST_CHANGE: Final = 0.001
"""The change of an operator or a function from which on it is shown."""

_ONLY_CHANGED: Final = {"operator": 32, "function": 10}
"""Kinds of which only what changed is shown, with how many of them at most."""

_LONGEST_NAME: Final = 60
_COLOURS: Final = {"REGRESSED": "bold red", "better": "green", "worse": "yellow"}
_HEADS: Final = ("", "base", "new", "change", "limit", "")


def shown(differences: Sequence[Difference]) -> list[Difference]:
    """What a reader wants to see: not the operators and functions that did not change."""
    kept: set[int] = set()
    for kind, most in _ONLY_CHANGED.items():
        changed = [d for d in differences if d.kind == kind and _is_visible(d)]
        changed.sort(key=lambda d: (-abs((d.new or 0) - (d.base or 0)), d.name))
        kept.update(map(id, changed[:most]))
    return [d for d in differences if d.kind not in _ONLY_CHANGED or d.regressed or id(d) in kept]


def _is_visible(difference: Difference) -> bool:
    change = difference.change
    return difference.status != "same" and (change is None or abs(change) >= _LEAST_CHANGE)


def comparison_table(differences: Sequence[Difference]) -> Table:
    """The table for a terminal."""
    table = plain_table("value", *_HEADS[1:5], "result", numbers=("base", "new", "change"))
    for difference in shown(differences):
        style = _COLOURS.get(difference.status, "")
        cells = (*_cells(difference)[1:], difference.status)
        table.add_row(_title(difference), *(Text(cell, style) for cell in cells))
    return table


def as_markdown(differences: Sequence[Difference], title: str) -> str:
    """A comment for a pull request."""
    lines = [f"### {title}", "", summary(differences), ""]
    lines += [
        "| value | base | new | change | limit | |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for difference in shown(differences):
        cells = [_escaped(cell) for cell in _cells(difference)]
        status = f"**{difference.status}**" if difference.regressed else difference.status
        lines.append(f"| {' | '.join([*cells, status])} |")
    return "\n".join([*lines, ""])


def summary(differences: Sequence[Difference]) -> str:
    """One sentence about the whole comparison."""
    regressed = [difference for difference in differences if difference.regressed]
    if not regressed:
        return f"No regression: {len(differences)} values are within their limits."
    names = ", ".join(d.title for d in regressed[:3])
    more = f" and {len(regressed) - 3} more" if len(regressed) > 3 else ""
    number = f"{len(regressed)} of {len(differences)} values"
    return f"{number} cost more than their limits allow: {names}{more}."


def as_junit(differences: Sequence[Difference], name: str) -> bytes:
    """A JUnit file: a test case for each value that has a limit."""
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(differences)),
        failures=str(sum(d.regressed for d in differences)),
        errors="0",
        skipped="0",
    )
    for difference in differences:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"facet.{difference.kind}",
            name=printable(difference.title),
        )
        if difference.regressed:
            text = sentence(difference)
            ElementTree.SubElement(case, "failure", message=text, type="regression").text = text
    tree = ElementTree.Element("testsuites")
    tree.append(suite)
    ElementTree.indent(tree)
    document: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def sentence(difference: Difference) -> str:
    """What one value did, in a line."""
    _, base, new, change, limit, *_ = _cells(difference)
    changed = f" ({change})" if change else ""
    return f"{printable(difference.title)}: {base} -> {new}{changed}, limit {limit}"


def _cells(difference: Difference) -> tuple[str, ...]:
    change = difference.change
    return (
        _title(difference),
        _value(difference.base, difference.unit),
        _value(difference.new, difference.unit),
        "" if change is None else f"{100 * change:+.2f} %",
        difference.limit.text,
    )


def _title(difference: Difference) -> str:
    return shortened(printable(difference.title), _LONGEST_NAME)


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.2f} %" if unit == "share" else f"{value:,.0f} {unit}"


def _escaped(text: str) -> str:
    for character in ("\\", "|", "<", ">", "*", "_", "`"):
        text = text.replace(character, f"\\{character}")
    return text
