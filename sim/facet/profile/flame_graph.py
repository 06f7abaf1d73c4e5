"""A picture of a profile: the tree of calls as a flame graph, and a bar for each operator."""

from __future__ import annotations

import colorsys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from facet.profile.frames import Frame
from facet.profile.operators import OperatorCost

_WIDTH: Final = 1200
_ROW: Final = 18
_MARGIN: Final = 10
_HEAD: Final = 34
_LETTER: Final = 6.3
"""Width of a letter of the font at 11 px."""

_LEAST_WIDTH: Final = 0.4
"""Frames that are narrower than this many pixels are left out."""

_DEEPEST: Final = 40
_BAR_ROW: Final = 17
_NAMES: Final = 230
"""Width of the operators' names."""


@dataclass
class _Box:
    x: float
    depth: int
    width: float
    frame: Frame


def as_svg(threads: Sequence[Frame], operators: Sequence[OperatorCost], title: str) -> bytes:
    """The picture's bytes; the same for the same profile.

    Args:
        threads: trees of calls.
        operators: of the model; without any the bars are left out.
        title: of the board and its firmware.
    """
    whole = sum(thread.total for thread in threads)
    boxes: list[_Box] = []
    x = float(_MARGIN)
    for thread in threads:
        width = (_WIDTH - 2 * _MARGIN) * thread.total / whole if whole else 0
        _lay_out(thread, x, 0, width, boxes)
        x += width
    depth = max((box.depth for box in boxes), default=0) + 1
    graph = depth * _ROW
    bars = _HEAD + len(operators) * _BAR_ROW if operators else 0
    height = _HEAD + graph + _MARGIN + bars
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="DejaVu Sans Mono, monospace" '
        'font-size="11">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="22" font-size="14">{escape(title)}: {whole:,} core cycles</text>',
    ]
    for box in boxes:
        parts += _drawn(box, _HEAD + graph - (box.depth + 1) * _ROW, whole)
    if operators:
        parts += _bars(operators, _HEAD + graph + _MARGIN)
    return "\n".join([*parts, "</svg>", ""]).encode()


def _lay_out(frame: Frame, x: float, depth: int, width: float, boxes: list[_Box]) -> None:
    if width < _LEAST_WIDTH or depth > _DEEPEST:
        return
    boxes.append(_Box(x, depth, width, frame))
    total = frame.total
    for child in sorted(frame.children.values(), key=lambda child: (-child.total, child.name)):
        part = width * child.total / total
        _lay_out(child, x, depth + 1, part, boxes)
        x += part


def _drawn(box: _Box, y: float, whole: int) -> list[str]:
    total = box.frame.total
    share = f"{100 * total / whole:.2f} %"
    tip = escape(f"{box.frame.name}: {total:,} cycles, {share}")
    lines = [
        f'<g><title>{tip}</title><rect x="{box.x:.2f}" y="{y}" width="{box.width:.2f}" '
        f'height="{_ROW - 1}" fill="{_colour(box.frame.name)}" rx="1"/>'
    ]
    letters = int((box.width - 6) / _LETTER)
    if letters >= 3:
        shown = _fitting(box.frame.name, letters)
        lines.append(f'<text x="{box.x + 3:.2f}" y="{y + 12.5}">{escape(shown)}</text>')
    return [*lines, "</g>"]


def _fitting(name: str, letters: int) -> str:
    """A name in so many letters: without its namespaces, and then cut, where it is too long."""
    if len(name) > letters and not name.startswith("["):
        name = name.partition("<")[0].rpartition("::")[2] or name
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _colour(name: str) -> str:
    """A warm colour, a cold one for inlined functions; the same for the same name."""
    number = zlib.crc32(name.encode())
    inlined = name.endswith("(inlined)")
    hue = (170 + number % 40 if inlined else 8 + number % 42) / 360
    lightness = 0.72 + number // 64 % 10 / 100
    rgb = colorsys.hls_to_rgb(hue, lightness, 0.45 if inlined else 0.8)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in rgb)


def _bars(operators: Sequence[OperatorCost], top: int) -> list[str]:
    most = max(operator.cycles_per_run for operator in operators)
    room = _WIDTH - _NAMES - _MARGIN - 290
    lines = [
        f'<text x="{_MARGIN}" y="{top + 20}" font-size="14">operators: cycles of one inference, '
        "cycles a multiply-accumulate</text>"
    ]
    for n, operator in enumerate(operators):
        y = top + _HEAD + n * _BAR_ROW
        width = room * operator.cycles_per_run / most if most else 0
        per_mac = operator.cycles_per_mac
        figures = f"{operator.cycles_per_run:,.0f}"
        if per_mac is not None:
            figures += f", {per_mac:.2f} a MAC"
        lines += [
            f'<text x="{_MARGIN}" y="{y + 12}">{escape(operator.title)}</text>',
            f'<rect x="{_NAMES}" y="{y + 1}" width="{width:.2f}" height="{_BAR_ROW - 4}" '
            f'fill="{"#4c78a8" if operator.macs else "#9ecae9"}"><title>'
            f"{escape(operator.kernel)}</title></rect>",
            f'<text x="{_NAMES + width + 6:.2f}" y="{y + 12}">{escape(figures)}</text>',
        ]
    return lines
