"""Output of the command line: colour on a terminal, plain lines of any width elsewhere."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.table import Table

from facet.dataset.dataset import Selection
from facet.dataset.left_out import LeftOut
from facet.diagnostics import Violation
from facet.evaluation.results import Summary
from facet.report.tables import confusion_blocks, confusion_tables, width_of
from facet.rules import Rule, Severity, find
from facet.text import printable
from facet.time import Time

_WIDTH_OF_A_FILE = 120


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raises an error that facet.cli.failures handles; Rich would exit with 1."""
        raise BrokenPipeError


def console() -> Console:
    """A Rich console on standard output; names with square brackets in them are not markup."""
    is_known = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if is_known else _WIDTH_OF_A_FILE
    return _Console(highlight=False, markup=False, emoji=False, width=width)


def show(tables: Table | Iterable[Table]) -> None:
    """Prints the first table that fits the terminal, or else the last in its full width.

    A file has any width. A table is never squeezed: its figures would be cut.

    Args:
        tables: one, or several with fewer and fewer columns, the widest first.
    """
    screen = console()
    is_file = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    chosen = None
    for chosen in [tables] if isinstance(tables, Table) else tables:
        needed = width_of(chosen)
        if needed <= screen.width or is_file:
            break
    if chosen is not None:
        screen.width = max(screen.width, _least_width(chosen, screen))
        screen.print(chosen)


def show_confusion(summary: Summary) -> None:
    """Prints the confusion matrix, in pieces where it is too wide for the terminal."""
    is_file = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    width = console().width
    for table in confusion_tables(summary):
        if is_file or width_of(table) <= width:
            show(table)
            return
    for block in confusion_blocks(summary):
        show(block)
        click.echo()


def _least_width(table: Table, screen: Console) -> int:
    """The width without which columns that may not be wrapped would be cut."""
    is_wrapped = any(not column.no_wrap for column in table.columns)
    return screen.width if is_wrapped else width_of(table)


class Live:
    """Prints the serial text of a running board as it arrives, with notes between the lines."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._at_line_start = True

    def serial(self, byte: int, _at: Time) -> None:
        """A byte that the terminal received; carriage returns are left out."""
        text = self._decoder.decode(bytes([byte])).replace("\r", "")
        if text:
            click.echo(text, nl=False)
            self._at_line_start = text.endswith("\n")

    def note(self, at: Time, text: str, colour: str | None = None) -> None:
        """A line of Facet's own, with the virtual time."""
        self.end_line()
        line = f"[{at.in_ms:12.3f} ms] {printable(text)}"
        click.secho(line, fg=colour, dim=colour is None)

    def violation(self, violation: Violation) -> None:
        """A rule that the firmware broke just now."""
        self.note(violation.at, str(violation), _COLOURS[violation.severity])

    def end_line(self) -> None:
        """Begins a line of its own."""
        if not self._at_line_start:
            click.echo()
            self._at_line_start = True


_TITLES = {
    Severity.LIMIT: "not modelled by Facet:",
    Severity.WARNING: "ignored by the hardware (warnings):",
    Severity.ERROR: "would not work on the real board:",
}
_COLOURS = {Severity.LIMIT: "yellow", Severity.WARNING: "magenta", Severity.ERROR: "red"}


def list_violations(
    violations: Sequence[Violation | str], not_modelled: Sequence[Violation | str]
) -> None:
    """Prints the broken rules by severity, each with the place that describes the rule."""
    texts = [str(violation) for violation in (*not_modelled, *violations)]
    for severity, title in _TITLES.items():
        found = [text for text in texts if _rule_of(text).severity is severity]
        if found:
            click.secho(title, fg=_COLOURS[severity], bold=True)
        for text in found:
            click.secho(f"  {text}", fg=_COLOURS[severity])
            if severity is not Severity.LIMIT:
                click.secho(f"    see {_rule_of(text).anchor}", dim=True)


def _rule_of(text: str) -> Rule:
    return find(text.partition(":")[0])


def report_selection(selection: Selection, dataset: str) -> None:
    """Reports on standard error which pictures are left out: numbers and causes."""
    if selection.note:
        click.secho(printable(selection.note), fg="yellow", err=True)
    list_left_out(selection.left_out, selection.split, dataset)


def list_left_out(left_out: LeftOut, split: str | None, dataset: str) -> None:
    """The summary of the pictures that are left out; empty if none are."""
    lines = list(left_out.lines())
    if not lines:
        return
    where = f"{dataset}, split '{split}'" if split else dataset
    click.secho(f"{printable(where)}: left out:", fg="yellow", err=True)
    for line in lines:
        click.secho(f"  {printable(line)}", fg="yellow", err=True)
