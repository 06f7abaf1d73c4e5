"""A picture of accuracy against multiply-accumulates, as SVG, from the models' cards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from facet.model.card import CK_SETS, ModelCard

_WIDTH: Final = 960
_HEIGHT: Final = 470
_TOP: Final = 56
_BOTTOM: Final = 400
_PANELS: Final = ((64, 560), (656, 936))
"""Left and right end of each panel, in pixels."""

_TEXT_px: Final = 12
_CHARACTER_px: Final = 6.6
_MARK_px: Final = 6

_INK: Final = "#24292f"
_FAINT: Final = "#d8dee4"
_COLOUR_BY_KIND: Final = {"facet": "#0969da", "seed": "#57606a", "published": "#9a6700"}


@dataclass(frozen=True)
class Point:
    """A mark.

    Args:
        name: as its label has it.
        macs: of one inference.
        accuracy: 0..1.
        shape: "circle", "square", "triangle" or "diamond": which classes.
        kind: "facet", "seed" or "published", which is hollow.
    """

    name: str
    macs: float
    accuracy: float
    shape: str
    kind: str


PUBLISHED: Final = (Point("Wiącek, float, FER+ test", 38.3e6, 0.900, "square", "published"),)
"""What others' networks reach: vicksam/fer-model, its eight classes restricted to five by FER+'s
majority rule; measured with its own float weights."""


def accuracy_plot(cards: Sequence[ModelCard]) -> str:
    """The picture: five classes of FER+ on the left, all else on the right."""
    left, right = _points(cards)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Helvetica, Arial, sans-serif" '
        f'font-size="{_TEXT_px}" fill="{_INK}">',
        "<title>Accuracy of the int8 models against multiply-accumulates of an inference</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for (start, end), title, points in (
        (_PANELS[0], "int8 accuracy on FER+ PublicTest, the five classes", [*left, *PUBLISHED]),
        (_PANELS[1], "int8 accuracy, other classes or faces", right),
    ):
        parts += _panel(start, end, title, points)
    return "\n".join([*parts, *_legend(), "</svg>"]) + "\n"


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


@dataclass(frozen=True)
class _Axes:
    """Where MACs and accuracies lie in a panel; ``step`` is between the grid's accuracies."""

    start: int
    end: int
    macs: tuple[float, float]
    accuracy: tuple[float, float]
    step: float

    def x(self, macs: float) -> float:
        low, high = (math.log10(m) for m in self.macs)
        return self.start + (self.end - self.start) * (math.log10(macs) - low) / (high - low)

    def y(self, accuracy: float) -> float:
        low, high = self.accuracy
        return _BOTTOM - (_BOTTOM - _TOP) * (accuracy - low) / (high - low)


def _axes(start: int, end: int, points: Sequence[Point]) -> _Axes:
    """A margin around the MACs, whole steps of the grid around the accuracies."""
    macs = [point.macs for point in points] or [1e6, 1e7]
    accuracies = [point.accuracy for point in points] or [0.5, 1.0]
    step = _step(min(accuracies), max(accuracies))
    lowest = math.floor(min(accuracies) / step - 0.2) * step
    highest = min(math.ceil(max(accuracies) / step + 0.2) * step, 1.0)
    return _Axes(start, end, (min(macs) / 1.8, max(macs) * 1.8), (lowest, highest), step)


def _step(lowest: float, highest: float) -> float:
    """Between the grid's accuracies."""
    return 0.05 if highest - lowest <= 0.3 else 0.1


def _panel(start: int, end: int, title: str, points: Sequence[Point]) -> list[str]:
    axes = _axes(start, end, points)
    parts = [
        f'<text x="{start}" y="{_TOP - 20}" font-weight="bold">{escape(title)}</text>',
        *_grid(axes),
    ]
    if not points:
        middle = (start + end) / 2
        parts.append(f'<text x="{middle}" y="220" text-anchor="middle">no model yet</text>')
    parts += [_mark(point, axes.x(point.macs), axes.y(point.accuracy)) for point in points]
    return parts + _labels(axes, points)


def _grid(axes: _Axes) -> list[str]:
    parts = []
    low, high = (round(a * 100) for a in axes.accuracy)
    for percent in range(low, high + 1, round(100 * axes.step)):
        y = axes.y(percent / 100)
        parts.append(
            f'<line x1="{axes.start}" y1="{y:.1f}" x2="{axes.end}" y2="{y:.1f}" '
            f'stroke="{_FAINT}"/><text x="{axes.start - 6}" y="{y + 4:.1f}" '
            f'text-anchor="end">{percent / 100:.2f}</text>'
        )
    for exponent in range(4, 9):
        for digit in (1, 2, 5):
            macs = digit * 10.0**exponent
            if axes.macs[0] <= macs <= axes.macs[1]:
                x = axes.x(macs)
                parts.append(
                    f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_BOTTOM}" '
                    f'stroke="{_FAINT}"/><text x="{x:.1f}" y="{_BOTTOM + 18}" '
                    f'text-anchor="middle">{macs / 1e6:g}</text>'
                )
    middle = (axes.start + axes.end) / 2
    parts.append(
        f'<text x="{middle}" y="{_BOTTOM + 36}" text-anchor="middle">'
        "million multiply-accumulates an inference</text>"
    )
    return parts


def _mark(point: Point, x: float, y: float) -> str:
    r, colour = _MARK_px, _COLOUR_BY_KIND[point.kind]
    fill = "#ffffff" if point.kind == "published" else colour
    style = f'fill="{fill}" stroke="{colour}" stroke-width="1.5"'
    if point.shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" {style}/>'
    corners = {
        "square": ((-r, -r), (r, -r), (r, r), (-r, r)),
        "triangle": ((0, -r - 1), (r + 1, r), (-r - 1, r)),
        "diamond": ((0, -r - 2), (r + 2, 0), (0, r + 2), (-r - 2, 0)),
    }[point.shape]
    outline = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{outline}" {style}/>'


_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _labels(axes: _Axes, points: Sequence[Point]) -> list[str]:
    """Each label beside its mark, where it covers the least of what is there already."""
    taken: list[_Box] = []
    for point in points:
        x, y = axes.x(point.macs), axes.y(point.accuracy)
        taken.append((x - _MARK_px - 1, y - _MARK_px - 1, x + _MARK_px + 1, y + _MARK_px + 1))
    parts = []
    for point in points:
        x, y = axes.x(point.macs), axes.y(point.accuracy)
        width = len(point.name) * _CHARACTER_px
        places = [
            (x + 10, y + 4, "start"),
            (x - 10, y + 4, "end"),
            (x, y - 12, "middle"),
            (x, y + 20, "middle"),
            (x + 8, y - 10, "start"),
            (x + 8, y + 18, "start"),
            (x - 8, y - 10, "end"),
            (x - 8, y + 18, "end"),
        ]
        shifts = {"start": 0.0, "middle": width / 2, "end": width}
        boxes = [
            (left - shifts[anchor], base - 11, left - shifts[anchor] + width, base + 3)
            for left, base, anchor in places
        ]
        costs = [_covered(box, taken) + 9 * _outside(box, axes) for box in boxes]
        best = costs.index(min(costs))
        taken.append(boxes[best])
        left, base, anchor = places[best]
        parts.append(
            f'<text x="{left:.1f}" y="{base:.1f}" text-anchor="{anchor}" '
            f'fill="{_COLOUR_BY_KIND[point.kind]}">{escape(point.name)}</text>'
        )
    return parts


def _covered(box: _Box, taken: Iterable[_Box]) -> float:
    """Area of the box that lies on others."""
    return sum(
        max(min(box[2], other[2]) - max(box[0], other[0]), 0)
        * max(min(box[3], other[3]) - max(box[1], other[1]), 0)
        for other in taken
    )


def _outside(box: _Box, axes: _Axes) -> float:
    """Length by which the box leaves the panel."""
    return max(axes.start - box[0], 0) + max(box[2] - axes.end, 0) + max(_TOP - 14 - box[1], 0)


def _legend() -> list[str]:
    entries = (
        ("circle", "facet", "Facet's own"),
        ("circle", "seed", "a seed's network, trained here"),
        ("square", "seed", "more classes, answers restricted to the five"),
        ("square", "published", "published by others"),
    )
    parts, x = [], 64.0
    for shape, kind, words in entries:
        parts.append(_mark(Point(words, 0, 0, shape, kind), x + 8, _HEIGHT - 16))
        parts.append(f'<text x="{x + 20:.0f}" y="{_HEIGHT - 12}">{words}</text>')
        x += 44 + len(words) * _CHARACTER_px
    return parts
