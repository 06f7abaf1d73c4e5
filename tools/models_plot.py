"""The picture of accuracy against multiply-accumulates, as SVG, from the models' cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter

from facet.model.card import CK_SETS, ModelCard
from models.plotting import svg_of, svg_style

_COLOR_BY_KIND: Final = {"facet": "#0969da", "seed": "#57606a", "published": "#9a6700"}

_MARKER_BY_SHAPE: Final = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D"}

_LEGEND: Final = (
    ("circle", "facet", "Facet's own"),
    ("circle", "seed", "network of a document, trained here"),
    ("square", "seed", "more classes, answers restricted to the five"),
    ("square", "published", "published by others"),
)

_LABEL_PLACES: Final = (
    ((8, 0), "left", "center"),
    ((-8, 0), "right", "center"),
    ((0, 7), "center", "bottom"),
    ((0, -7), "center", "top"),
    ((6, 6), "left", "bottom"),
    ((6, -6), "left", "top"),
    ((-6, 6), "right", "bottom"),
    ((-6, -6), "right", "top"),
)
"""Positions of a label in the order of preference: offset in points, alignments."""


@dataclass(frozen=True)
class Point:
    """A mark.

    Args:
        name: its label.
        macs: multiply-accumulates of one inference.
        accuracy: 0..1.
        shape: "circle", "square", "triangle" or "diamond", by the classes.
        kind: "facet", "seed" or "published"; the last is hollow.
    """

    name: str
    macs: float
    accuracy: float
    shape: str
    kind: str


PUBLISHED: Final = (Point("Wiącek, float, FER+ test", 38.3e6, 0.900, "square", "published"),)
"""Networks of others: vicksam/fer-model, its eight classes restricted to five by FER+'s majority
rule; measured with its own float weights."""


def accuracy_plot(cards: Sequence[ModelCard]) -> str:
    """The picture: the five classes of FER+ on the left, all other models on the right."""
    left, right = _points(cards)
    with svg_style():
        figure = Figure(figsize=(10.5, 5.2), layout="constrained")
        canvas = FigureCanvasAgg(figure)
        panels = figure.subplots(1, 2, width_ratios=(7, 4))
        titles = ("int8 accuracy on FER+ PublicTest, the five classes", "other classes or faces")
        for axes, title, points in zip(panels, titles, ([*left, *PUBLISHED], right), strict=True):
            _panel(axes, title, points)
        handles = [
            panels[0].scatter([], [], label=text, **_mark(shape, kind))
            for shape, kind, text in _LEGEND
        ]
        figure.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False)
        canvas.draw()  # the layout is final now, so that labels can be placed
        for axes, points in zip(panels, ([*left, *PUBLISHED], right), strict=True):
            _labels(axes, points, canvas.get_renderer())
        return svg_of(figure)


def _points(cards: Iterable[ModelCard]) -> tuple[list[Point], list[Point]]:
    left, right = [], []
    for card in cards:
        figures = card.figures
        if figures is None:
            continue
        kind = "facet" if card.name.startswith("facet-") else "seed"
        if card.test == "public_test" and figures.five_class is not None:
            shape = "circle" if len(card.label_set.labels) == 5 else "square"
            left.append(Point(card.name, card.macs, figures.five_class, shape, kind))
        else:
            shape, data = ("diamond", "CK+") if card.test in CK_SETS else ("triangle", "FER+")
            name = f"{card.name} ({data}, {len(card.label_set.labels)})"
            right.append(Point(name, card.macs, figures.accuracy, shape, kind))
    return left, right


def _panel(axes: Axes, title: str, points: Sequence[Point]) -> None:
    axes.set_title(title, loc="left")
    axes.set_xscale("log")
    axes.set_xlabel("million multiply-accumulates per inference")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda macs, _: f"{macs / 1e6:g}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda _macs, _: ""))
    axes.margins(0.15)
    if not points:
        axes.text(0.5, 0.5, "no model yet", ha="center", transform=axes.transAxes)
    for point in points:
        axes.scatter([point.macs], [point.accuracy], **_mark(point.shape, point.kind))


def _mark(shape: str, kind: str) -> dict[str, Any]:
    color = _COLOR_BY_KIND[kind]
    face = "white" if kind == "published" else color
    return {"marker": _MARKER_BY_SHAPE[shape], "s": 45, "facecolors": face, "edgecolors": color}


def _labels(axes: Axes, points: Sequence[Point], renderer: Any) -> None:
    """Label each mark at the position that covers the least of the marks and the labels so far."""
    taken = [mark.get_window_extent(renderer) for mark in axes.collections]
    panel = axes.get_window_extent(renderer)
    for point in points:
        candidates = [_label(axes, point, *place) for place in _LABEL_PLACES]
        boxes = [label.get_window_extent(renderer) for label in candidates]
        costs = [
            sum(_overlap(box, other) for other in taken)
            + box.width * box.height
            - _overlap(box, panel)
            for box in boxes
        ]
        best = costs.index(min(costs))
        for label in candidates[:best] + candidates[best + 1 :]:
            label.remove()
        taken.append(boxes[best])


def _label(
    axes: Axes, point: Point, offset: tuple[int, int], horizontal: Any, vertical: Any
) -> Annotation:
    return axes.annotate(
        point.name,
        (point.macs, point.accuracy),
        xytext=offset,
        textcoords="offset points",
        ha=horizontal,
        va=vertical,
        color=_COLOR_BY_KIND[point.kind],
    )


def _overlap(a: Any, b: Any) -> float:
    """Area that two boxes have in common."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return float(max(width, 0) * max(height, 0))
