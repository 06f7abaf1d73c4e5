"""Compare the speed of this clone with that of another one, such as the commit before.

    git worktree add ../before HEAD~1 && make -C ../before setup
    make bench AGAINST=../before

The benchmarks of both clones take turns, so that both meet the same machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from facet.cli.console import show
from facet.cli.params import board_option, model_option
from facet.report.tables import plain_table

_ROUNDS: Final = 2

_FIGURES: Final = {
    "inference": ("inference", "instructions_per_cpu_second"),
    "whole decision": ("whole_decision", "instructions_per_cpu_second"),
    "facet eval": ("eval", -1, "frames_per_second"),
    "facet run": ("run_first_byte_s",),
}
"""What is compared -> its place in bench.json; `facet run` is better where it is smaller."""


def figure(report: Any, place: tuple[str | int, ...]) -> float:
    """A figure of a bench.json; NaN if that version did not measure it."""
    for key in place:
        try:
            report = report[key]
        except (KeyError, IndexError):
            return float("nan")
    return float(report)


def ratio(name: str, own: list[float], other: list[float]) -> float:
    """How many times as fast this clone is, by the best round of each."""
    if name == "facet run":
        return min(other) / min(own)
    return max(own) / max(other)


@click.command()
@click.argument("other", type=click.Path(path_type=Path, file_okay=False, exists=True))
@board_option
@model_option
def main(other: Path, board: str, model: str) -> None:
    """Compare the speed of this clone with that of the clone OTHER, whose `make setup` was run."""
    clones = {other: other.absolute() / ".venv" / "bin" / "python", Path(): Path(sys.executable)}
    if not clones[other].exists():
        raise click.ClickException(f"{clones[other]} is missing: run `make -C {other} setup`")
    reports: dict[Path, list[Any]] = {clone: [] for clone in clones}
    for number in range(_ROUNDS):
        for clone, python in clones.items():
            click.echo(f"round {number + 1} of {_ROUNDS}: {clone.absolute()}", err=True)
            with tempfile.TemporaryDirectory(prefix="facet-bench-") as folder:
                result = Path(folder) / "bench.json"
                options = ["--board", board, "--model", model, "--json", str(result)]
                done = subprocess.run(
                    [str(python), "-m", "benchmarks", *options],
                    cwd=clone,
                    stdout=subprocess.DEVNULL,
                )
                if done.returncode:
                    raise click.ClickException(f"the benchmarks of {clone.absolute()} failed")
                reports[clone].append(json.loads(result.read_text()))
    table = plain_table("what", "other", "this", "times as fast", numbers=["other", "this"])
    for name, place in _FIGURES.items():
        before, now = ([figure(r, place) for r in reports[clone]] for clone in clones)
        best = min if name == "facet run" else max
        times = ratio(name, now, before)
        table.add_row(name, f"{best(before):,.4g}", f"{best(now):,.4g}", f"{times:.2f}")
    show(table)


if __name__ == "__main__":
    main()
