"""A run's results as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from facet.evaluation.results import Outcome, Spread, Summary
from facet.target.decision import PHASES


def plain_table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """An empty table with a head; the columns in `numbers` are flush right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", no_wrap=True)
    return table


def outcome_table(outcomes: Sequence[Outcome]) -> Table:
    """Frame by frame: what was shown, what was said, what it cost."""
    table = plain_table(
        "frame", "shown", "said", "confidence", *PHASES, numbers=("confidence", *PHASES)
    )
    for outcome in outcomes:
        style = "" if outcome.label is None else "green" if outcome.right else "red"
        decision = outcome.decision
        if decision is None:
            table.add_row(outcome.frame, outcome.label or "-", Text(outcome.error or "", "red"))
            continue
        said = decision.said + (" (uncertain)" if decision.uncertain else "")
        table.add_row(
            outcome.frame,
            outcome.label or "-",
            Text(said, style),
            f"{decision.confidence} %",
            *(f"{decision.cycles[phase]:,}" for phase in PHASES),
        )
    table.caption = "capture, readout, preprocess, inference: core cycles awake"
    table.caption_justify = "left"
    return table


def confusion_table(summary: Summary) -> Table:
    """Rows: shown; columns: said."""
    table = plain_table("shown \\ said", *summary.labels, numbers=summary.labels)
    for name, row in zip(summary.labels, summary.confusion, strict=True):
        cells = [
            Text(str(count), "bold" if said == name else "") if count else Text("·", "dim")
            for said, count in zip(summary.labels, row, strict=True)
        ]
        table.add_row(name, *cells)
    return table


def cycles_table(summary: Summary) -> Table:
    """Core cycles and elapsed time by phase."""
    heads = ("mean", "min", "max", "mean time")
    table = plain_table("cycles", *heads, numbers=heads)
    for phase, spread in summary.cycles.items():
        table.add_row(phase, *_counts(spread), f"{summary.us[phase].mean / 1000:,.1f} ms")
    return table


def _counts(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.mean:,.0f}", f"{spread.min:,}", f"{spread.max:,}"
