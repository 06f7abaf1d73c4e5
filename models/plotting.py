"""Figures as SVG, the same bytes for the same figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure

_STYLE: Final[dict[str, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#d8dee4",
    "axes.grid": True,
    "axes.labelcolor": "#24292f",
    "axes.titlesize": "medium",
    "axes.titleweight": "bold",
    "font.size": 9,
    "grid.color": "#d8dee4",
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "facet",  # else the identifiers in the file are random
    "text.color": "#24292f",
}


@contextmanager
def svg_style() -> Iterator[None]:
    """The style of all figures; a figure is built and written within it."""
    with rc_context(_STYLE):
        yield


def svg_of(figure: Figure) -> str:
    """A figure as the text of an SVG file, without date and version."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    lines = (line.rstrip() for line in buffer.getvalue().splitlines())
    return "\n".join(lines) + "\n"
