"""Tables of a run's results for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from facet.evaluation.results import Outcome, Spread, Summary
from facet.target.decision import PHASES
from facet.text import printable, shortened

_LONGEST_NAME: Final = 32
"""Characters of a frame's name in a table."""

_COLUMNS_IN_A_BLOCK: Final = 12
"""Columns in one piece of a confusion matrix that is too wide for the terminal."""


def plain_table(*columns: str, numbers: Sequence[str] = (), wrapped: Sequence[str] = ()) -> Table:
    """An empty table with a head.

    Args:
        columns: their heads.
        numbers: those that are flush right.
        wrapped: those whose text may take several lines.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            Text(column),
            justify="right" if column in numbers else "left",
            no_wrap=column not in wrapped,
            overflow="fold",
        )
    return table


def width_of(table: Table) -> int:
    """The columns of a terminal that a table takes in full."""
    roomy = Console(width=100_000, markup=False, emoji=False)
    return Measurement.get(roomy, roomy.options, table).maximum


def outcome_tables(outcomes: Sequence[Outcome]) -> Iterator[Table]:
    """Results by frame: label, answer and cost; the widest table first.

    Errors of the device are not in a table, since they are long: ``error_lines`` has them.
    """
    full = plain_table(
        "frame", "shown", "said", "confidence", *PHASES, numbers=("confidence", *PHASES)
    )
    narrow = plain_table("frame", "shown", "said", "confidence", numbers=("confidence",))
    for outcome in outcomes:
        name = shortened(printable(outcome.frame), _LONGEST_NAME)
        shown, decision = outcome.label or "-", outcome.decision
        if decision is None:
            row = (name, shown, Text("error", "red"))
            full.add_row(*row)
            narrow.add_row(*row)
            continue
        style = "" if outcome.label is None else "green" if outcome.right else "red"
        said = Text(decision.said + (" (uncertain)" if decision.uncertain else ""), style)
        confidence = f"{decision.confidence} %"
        cycles = (f"{decision.cycles[phase]:,}" for phase in PHASES)
        full.add_row(name, shown, said, confidence, *cycles)
        narrow.add_row(name, shown, said, confidence)
    full.caption = f"{', '.join(PHASES)}: core cycles awake"
    full.caption_justify = "left"
    yield full
    yield narrow


def error_lines(outcomes: Sequence[Outcome], most: int = 10) -> list[str]:
    """A line for each frame that the device answered with an error, the first of them."""
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    lines = [printable(f"{outcome.frame}: {outcome.error}") for outcome in failed[:most]]
    if len(failed) > most:
        lines.append(f"and {len(failed) - most} more errors")
    return lines


def confusion_tables(summary: Summary) -> Iterator[Table]:
    """The confusion matrix (rows: labels; columns: answers), the widest table first.

    Where the names of the columns take too much room, numbers replace them.
    """
    names = summary.labels
    yield _confusion(summary, names, names, range(len(names)))
    numbers = [str(number) for number in range(1, len(names) + 1)]
    numbered = [f"{number} {name}" for number, name in zip(numbers, names, strict=True)]
    yield _confusion(summary, numbered, numbers, range(len(names)))


def confusion_blocks(summary: Summary) -> Iterator[Table]:
    """The confusion matrix in pieces, for many classes on a narrow terminal."""
    names = summary.labels
    numbers = [str(number) for number in range(1, len(names) + 1)]
    numbered = [f"{number} {name}" for number, name in zip(numbers, names, strict=True)]
    for start in range(0, len(names), _COLUMNS_IN_A_BLOCK):
        columns = range(start, min(start + _COLUMNS_IN_A_BLOCK, len(names)))
        yield _confusion(summary, numbered, numbers, columns)


def _confusion(
    summary: Summary, rows: Sequence[str], heads: Sequence[str], columns: range
) -> Table:
    shown = [heads[column] for column in columns]
    table = plain_table("shown \\ said", *shown, numbers=shown)
    for number, (name, counts) in enumerate(zip(rows, summary.confusion, strict=True)):
        cells = [
            Text(str(counts[column]), "bold" if column == number else "")
            if counts[column]
            else Text("·", "dim")
            for column in columns
        ]
        table.add_row(name, *cells)
    return table


def cycles_tables(summary: Summary) -> Iterator[Table]:
    """Core cycles and elapsed time by phase, the widest table first."""
    full = plain_table("cycles", *_SPREAD, "mean time", numbers=(*_SPREAD, "mean time"))
    narrow = plain_table("cycles", "mean", "mean time", numbers=("mean", "mean time"))
    for phase, spread in summary.cycles.items():
        time = f"{summary.us[phase].mean / 1000:,.1f} ms"
        full.add_row(phase, *_counts(spread), time)
        narrow.add_row(phase, f"{spread.mean:,.0f}", time)
    yield full
    yield narrow


_SPREAD: Final = ("mean", "min", "max")


def _counts(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.mean:,.0f}", f"{spread.min:,}", f"{spread.max:,}"
