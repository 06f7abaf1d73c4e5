"""How the command line speaks: colour and progress on a terminal, plain lines elsewhere."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Sequence

import click
from rich.console import Console

from facet.diagnostics import Violation
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
        self.note(violation.at, str(violation), "red")

    def end_line(self) -> None:
        """Begins a line of its own."""
        if not self._at_line_start:
            click.echo()
            self._at_line_start = True


def list_violations(
    violations: Sequence[Violation | str], not_modelled: Sequence[Violation | str]
) -> None:
    """What the firmware did wrong, and where Facet itself falls short."""
    for title, found, colour in (
        ("not modelled by Facet:", not_modelled, "yellow"),
        ("would not work on the real board:", violations, "red"),
    ):
        if found:
            click.secho(title, fg=colour, bold=True)
        for violation in found:
            click.secho(f"  {violation}", fg=colour)
