"""How the command line speaks: colour and progress on a terminal, plain lines elsewhere."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Sequence

import click
from rich.console import Console

from facet.diagnostics import Violation
from facet.rules import Rule, Severity, find
from facet.time import Time

_WIDTH_OF_A_FILE = 120


def console() -> Console:
    """A Rich console on standard output; wide where no terminal says how wide it is."""
    told = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if told else _WIDTH_OF_A_FILE)


class Live:
    """What happens while the board runs: its serial text as it comes, and notes between."""

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
        click.secho(f"[{at.in_ms:12.3f} ms] {text}", fg=colour, dim=colour is None)

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
