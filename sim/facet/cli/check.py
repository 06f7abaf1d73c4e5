"""`facet check`: whether the firmware can run a model, on which boards, and what to do if not."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import click

from facet.board import board as boards
from facet.cli import BAD_INPUT
from facet.cli.console import console
from facet.model.examine import Examination, examine
from facet.model.fit import FLASH_VARIES, RAM_VARIES, Fit
from facet.model.folder import path_of
from facet.model.operators import OPERATORS
from facet.model.problem import by
from facet.report.tables import plain_table

_WIDTH = 96


@click.command("check")
@click.argument("model")
@click.option(
    "--board",
    "board_names",
    multiple=True,
    help="A board of `facet boards`, or a board file (.toml); may be given several times. All"
    " boards if left out.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of text.")
def command(model: str, board_names: tuple[str, ...], is_json: bool) -> None:
    """Check MODEL, a .tflite with its card or a model's name, without building anything.

    Prints input, labels, operators with their kernels, and the fit on each board; or all reasons
    for which the firmware cannot run the model, each with a cure. Exits with 2 when the firmware
    cannot run it, or when none of the boards has room for it.
    """
    loaded = [boards.load(name) for name in board_names or boards.names()]
    found = examine(path_of(model), loaded)
    if is_json:
        click.echo(json.dumps(_as_json(found), indent=1, ensure_ascii=False))
    elif found.problems:
        _show_problems(found)
    else:
        _show(found)
    if not found.is_good:
        raise click.exceptions.Exit(BAD_INPUT)


def _show_problems(found: Examination) -> None:
    click.secho(f"{found.path}: the firmware cannot run it", fg="red", bold=True)
    for number, problem in enumerate(found.problems, start=1):
        click.echo(_indented(f"{number}. ", problem.wrong))
        click.echo(_indented("   > ", problem.cure))


def _indented(first: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _show(found: Examination) -> None:
    click.secho(f"{found.path}: the firmware can run it", bold=True)
    source = "stated in its card" if found.is_range_stated else "by its scale and zero point"
    kernels = ", ".join(
        f"{count} {name} ({OPERATORS[name].kernel})" for name, count in found.operators.items()
    )
    shape = by(found.model.inputs[0].shape)
    for title, text in (
        ("input", f"{shape}; a pixel becomes {found.pixels} ({source})"),
        ("labels", ", ".join(found.labels)),
        ("kernels", kernels),
    ):
        click.echo(_indented(f"  {title:<9}", text))
    click.echo()
    heads = ("model", "flash left", "arena", "RAM left")
    table = plain_table("board", *heads, "fits", numbers=heads)
    for fit in found.fits:
        table.add_row(
            fit.board,
            f"{fit.flash_bytes:,}",
            f"{fit.flash_room:,}",
            f"{fit.ram_bytes:,}",
            f"{fit.ram_room:,}",
            _verdict(fit),
        )
    console().print(table)
    for fit in found.fits:
        if not fit.fits:
            click.echo(_indented(f"{fit.board}: ", fit.why_not))
    click.echo(
        "\nIn bytes. The arena is computed to the byte. What is left is an estimate, by the\n"
        f"program with all kernels: one with fewer leaves up to {FLASH_VARIES:,} bytes more flash\n"
        f"and {RAM_VARIES} more RAM."
    )


def _verdict(fit: Fit) -> str:
    if fit.fits:
        return "yes"
    return "perhaps: build it" if fit.may_fit else "no"


def _as_json(found: Examination) -> dict[str, Any]:
    return {
        "model": str(found.path),
        "good": found.is_good,
        "problems": [{"wrong": p.wrong, "cure": p.cure} for p in found.problems],
        "input": {"range": str(found.pixels), "stated": found.is_range_stated}
        if found.pixels
        else None,
        "labels": list(found.labels),
        "operators": {
            name: {"count": count, "kernel": OPERATORS[name].kernel if name in OPERATORS else None}
            for name, count in found.operators.items()
        },
        "boards": {
            fit.board: {
                "fits": fit.fits,
                "flash_bytes": fit.flash_bytes,
                "flash_left_bytes": fit.flash_room,
                "arena_bytes": fit.ram_bytes,
                "ram_left_bytes": fit.ram_room,
                "why_not": fit.why_not or None,
            }
            for fit in found.fits
        },
    }
