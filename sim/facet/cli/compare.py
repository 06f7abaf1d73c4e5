"""`facet compare`: fails where a profile costs more than its baseline."""

from __future__ import annotations

from pathlib import Path

import click

from facet.cli import FAILED
from facet.cli.console import show
from facet.files import check_writable, write_file
from facet.profile.compare import compare
from facet.profile.json_form import read_profile
from facet.profile.limits import Limits, parse_growth, read_limits
from facet.report.comparison import (
    as_junit,
    as_markdown,
    comparison_table,
    summary,
)


class GrowthType(click.ParamType[float]):
    """A growth in percent: ``2%``."""

    name = "percent"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Reads the option's text."""
        if isinstance(value, float):
            return value
        try:
            return parse_growth(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("compare")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--max-regress",
    "growth",
    type=GrowthType(),
    default="2%",
    show_default=True,
    help="The largest growth of any value.",
)
@click.option(
    "--limits",
    "limits_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file with limits for single values (docs/ci.md).",
)
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table as Markdown, for a comment at a pull request.",
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results as JUnit's XML, a test for each value.",
)
def command(
    base: Path,
    new: Path,
    growth: float,
    limits_file: Path | None,
    markdown: Path | None,
    junit: Path | None,
) -> None:
    """Compare the profile NEW with the baseline BASE; both are a profile.json of `facet profile`.

    Cycles in all, by phase, operator and function, flash, RAM, stacks and accuracy.

    Exits with 1 where a value grew more than its limit allows.
    """
    if markdown is not None and junit is not None and markdown.resolve() == junit.resolve():
        raise click.UsageError(f"--markdown and --junit name the same file, {markdown}")
    for file in (markdown, junit):
        if file is not None:
            check_writable(file)
    limits = read_limits(limits_file, growth) if limits_file is not None else Limits(growth)
    profiles = read_profile(base), read_profile(new)
    differences = compare(*profiles, limits, (base, new))
    run = profiles[1]["run"]
    title = " ".join(filter(None, ("Cost on", run.get("board"), run.get("model") or "")))
    if markdown is not None:
        write_file(markdown, as_markdown(differences, title).encode())
    if junit is not None:
        write_file(junit, as_junit(differences, title))
    show(comparison_table(differences))
    regressed = any(difference.regressed for difference in differences)
    click.secho(f"\n{summary(differences)}", fg="red" if regressed else "green", bold=True)
    if regressed:
        raise click.exceptions.Exit(FAILED)
