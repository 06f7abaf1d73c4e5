"""Curves as lists of points, from which features are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Points: TypeAlias = npt.NDArray[np.float64]
"""Points of a line or an outline, float64 [points, 2], x to the right and y down."""

Pair: TypeAlias = tuple[float, float]


def points(*pairs: Pair) -> Points:
    """Points from pairs of x and y."""
    return np.array(pairs, np.float64).reshape(-1, 2)


def through(knots: Sequence[Pair] | Points, steps: int = 10, closed: bool = False) -> Points:
    """A smooth line through all knots (uniform Catmull-Rom).

    Only additions and multiplications, so that it is the same on every machine.

    Args:
        knots: at least two.
        steps: points for each stretch between two knots.
        closed: also join the last knot to the first.
    """
    p = np.asarray(knots, np.float64)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = (np.arange(steps) / steps)[:, None]
    stretches = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        stretches.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t * t
                + (3 * b - a - 3 * c + d) * t * t * t
            )
        )
    line = np.concatenate(stretches)
    return line if closed else np.concatenate([line, p[-2:-1]])


def ribbon(line: Points, widths: Sequence[float]) -> Points:
    """The outline of a stroke along a line whose width changes.

    Args:
        line: the stroke's middle.
        widths: full width at points spaced evenly along the line, two or more.
    """
    along = np.arange(len(line)) * (len(widths) - 1) / max(len(line) - 1, 1)
    half = np.interp(along, np.arange(len(widths)), np.asarray(widths, np.float64))[:, None] / 2
    direction = np.empty_like(line)
    direction[1:-1] = line[2:] - line[:-2]
    direction[0], direction[-1] = line[1] - line[0], line[-1] - line[-2]
    x, y = direction[:, 0], direction[:, 1]
    length = np.maximum(np.sqrt(x * x + y * y), 1e-9)
    normal = np.stack([-y / length, x / length], axis=1)
    return np.concatenate([line + normal * half, (line - normal * half)[::-1]])


def ellipse(x: float, y: float, width: float, height: float) -> Points:
    """An ellipse's outline by its middle and half axes."""
    outline: Points = points(*_UNIT_CIRCLE) * np.array([width, height]) + np.array([x, y])
    return outline


def mirrored(line: Points) -> Points:
    """The same on the other side of the face."""
    other_side: Points = line * np.array([-1.0, 1.0])
    return other_side


def _unit_circle(corners: int = 48) -> list[Pair]:
    """Points of the unit circle by repeated rotation: no sine whose last digit could differ."""
    cosine, sine = 0.9914448613738104, 0.13052619222005157  # 360 / 48 = 7.5 degrees
    circle = [(1.0, 0.0)]
    for _ in range(corners - 1):
        x, y = circle[-1]
        circle.append((x * cosine - y * sine, x * sine + y * cosine))
    return circle


_UNIT_CIRCLE = _unit_circle()
