"""What a sweep found: the Pareto front as a table, all networks as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from facet.errors import FacetError
from facet.files import write_files
from models.plan import Plan, Stage
from models.sweep.journal import Journal, Result

_WIDTH: Final = 820
_HEIGHT: Final = 460
_LEFT: Final = 64
_RIGHT: Final = 680
_TOP: Final = 48
_BOTTOM: Final = 400
_KEY_x: Final = 712
"""Left end of the colours' key."""

_INK: Final = "#24292f"
_FAINT: Final = "#d8dee4"
_COLOURS: Final = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""matplotlib's viridis at 0, 1/4 ... 1: even steps of lightness, told apart without colour too."""


def write_report(journal: Journal, rung: int | None = None) -> str:
    """Write ``report.md`` and ``front.svg`` into a sweep's folder.

    Args:
        journal: the sweep's.
        rung: which round, from 1; None: the last that has any result.

    Returns:
        The report.

    Raises:
        FacetError: no sweep, or no result in it.
    """
    settings = journal.settings
    finished = list(journal.results().values())
    shown = (max((r.rung for r in finished), default=0) if rung is None else rung - 1) + 1
    results = [result for result in finished if result.rung == shown - 1]
    if not results:
        raise FacetError(f"{journal.folder}: no trial of rung {shown} has finished")
    title = (
        f"Sweep of {settings['space']}, seed {settings['seed']}: rung {shown}, {len(results)} "
        f"networks, {results[0].epochs} epochs"
    )
    best = front(results)
    lines = [f"# {title}", "", "![Accuracy against multiply-accumulates](front.svg)", ""]
    lines += ["The Pareto front of accuracy, multiply-accumulates and file bytes:", ""]
    lines += [*_table(best), "", "```python"]
    lines += [f"{expression(result.candidate.plan)}  # trial {result.trial}" for result in best]
    lines += ["```", ""]
    failures = journal.failures()
    lines += [f"Trial {n}, rung {r + 1}, failed: {why}" for (r, n), why in failures.items()]
    text = "\n".join(lines).rstrip("\n") + "\n"
    picture = plot(results, f"{title}: accuracy on faces held back")
    write_files(journal.folder, {"report.md": text.encode(), "front.svg": picture.encode()})
    return text


def front(results: Sequence[Result]) -> list[Result]:
    """Those that no other beats or equals in everything and beats in something; cheapest first."""

    def gains(result: Result) -> tuple[float, int, int]:
        return result.accuracy, -result.cost.macs, -result.cost.file_bytes

    def beaten(result: Result) -> bool:
        own = gains(result)
        return any(
            gains(other) != own and all(a >= b for a, b in zip(gains(other), own, strict=True))
            for other in results
        )

    kept = [result for result in results if not beaten(result)]
    return sorted(kept, key=lambda r: (r.cost.macs, r.cost.file_bytes, r.trial))


def expression(plan: Plan) -> str:
    """A plan as Python has it, without what is the default."""
    stages = ", ".join(map(_stage, plan.stages))
    head = f", head={plan.head}" if plan.head else ""
    return f"Plan({plan.stem}, ({stages},), dropout={plan.dropout}{head})"


def _stage(stage: Stage) -> str:
    default = Stage(stage.channels, stage.blocks)
    rest = [
        f"{name}={getattr(stage, name)!r}"
        for name in ("kernel", "entry", "expansion")
        if getattr(stage, name) != getattr(default, name)
    ]
    return f"Stage({', '.join([str(stage.channels), str(stage.blocks), *rest])})"


def _table(results: Sequence[Result]) -> list[str]:
    heads = (
        *("trial", "accuracy", "cross-entropy", "MACs", "file, bytes", "activations, bytes"),
        *("parameters", "peak rate", "weight decay"),
    )
    rows = [
        (
            str(result.trial),
            f"{result.accuracy:.4f}",
            f"{result.cross_entropy:.4f}",
            f"{result.cost.macs:,}",
            f"{result.cost.file_bytes:,}",
            f"{result.cost.peak_activation_bytes:,}",
            f"{result.cost.parameters:,}",
            f"{result.candidate.peak_rate:g}",
            f"{result.candidate.weight_decay:g}",
        )
        for result in results
    ]
    return [f"| {' | '.join(row)} |" for row in (heads, ["---:"] * len(heads), *rows)]


def plot(results: Sequence[Result], title: str) -> str:
    """All networks as SVG: accuracy against multiply-accumulates, coloured by the file's bytes.

    Those of the front are ringed and bear their trials' numbers.
    """
    best = {result.trial for result in front(results)}
    x_step, x_ends = _scale([result.cost.macs / 1e6 for result in results])
    y_step, y_ends = _scale([result.accuracy for result in results])
    sizes = [result.cost.file_bytes for result in results]
    low, high = min(sizes), max(sizes)

    def x(macs: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (macs - x_ends[0]) / (x_ends[1] - x_ends[0])

    def y(accuracy: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (accuracy - y_ends[0]) / (y_ends[1] - y_ends[0])

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Helvetica, Arial, sans-serif" '
        f'font-size="12" fill="{_INK}">',
        f"<title>{title}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="{_TOP - 20}" font-weight="bold">{title}</text>',
    ]
    for value in _ticks(y_ends, y_step):
        parts += [
            _line(_LEFT, y(value), _RIGHT, y(value)),
            _text(_LEFT - 6, y(value) + 4, f"{value:.{_digits(y_step)}f}", "end"),
        ]
    for value in _ticks(x_ends, x_step):
        parts += [
            _line(x(value), _TOP, x(value), _BOTTOM),
            _text(x(value), _BOTTOM + 18, f"{value:.{_digits(x_step)}f}", "middle"),
        ]
    parts.append(
        _text(
            (_LEFT + _RIGHT) / 2,
            _BOTTOM + 40,
            "million multiply-accumulates an inference; ringed: the front, by trial",
            "middle",
        )
    )
    for result in sorted(results, key=lambda r: (r.trial in best, r.trial)):
        share = (result.cost.file_bytes - low) / (high - low) if high > low else 0.5
        cx, cy = x(result.cost.macs / 1e6), y(result.accuracy)
        edge, width = (_INK, 2) if result.trial in best else ("#ffffff", 0.5)
        parts.append(
            f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="6" fill="{_colour(share)}" '
            f'stroke="{edge}" stroke-width="{width}"/>'
        )
        if result.trial in best:
            parts.append(_text(cx, cy - 11, str(result.trial), "middle"))
    return "\n".join([*parts, *_key(low, high), "</svg>"]) + "\n"


def _key(low: int, high: int) -> list[str]:
    """A bar of the colours with the bytes that they stand for, the largest on top."""
    steps, height = 40, 200
    parts = [_text(_KEY_x, _TOP + 8, "file, bytes", "start")]
    for step in range(steps):
        top = _TOP + 20 + height * step / steps
        parts.append(
            f'<rect x="{_KEY_x}" y="{top:.1f}" width="16" height="{height / steps + 0.5:.1f}" '
            f'fill="{_colour(1 - (step + 0.5) / steps)}"/>'
        )
    for share in (0.0, 0.5, 1.0):
        value = round(low + (high - low) * share)
        parts.append(_text(_KEY_x + 22, _TOP + 24 + height * (1 - share), f"{value:,}", "start"))
    return parts


def _scale(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """A round step that gives some six lines of a grid, and whole steps around the values."""
    spread = max(max(values) - min(values), 1e-3)
    rough = spread / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough)
    first = math.floor(min(values) / step - 0.2)
    last = math.ceil(max(values) / step + 0.2)
    return step, (first * step, last * step)


def _ticks(ends: tuple[float, float], step: float) -> list[float]:
    return [n * step for n in range(round(ends[0] / step), round(ends[1] / step) + 1)]


def _digits(step: float) -> int:
    return max(-math.floor(math.log10(step) + 1e-9), 0)


def _colour(share: float) -> str:
    place = share * (len(_COLOURS) - 1)
    below = min(int(place), len(_COLOURS) - 2)
    pairs = zip(_COLOURS[below], _COLOURS[below + 1], strict=True)
    mixed = [round(a + (b - a) * (place - below)) for a, b in pairs]
    return "#" + "".join(f"{value:02x}" for value in mixed)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{_FAINT}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
