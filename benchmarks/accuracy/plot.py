"""Draws the errors as an SVG: one row a group, one dot a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from benchmarks.accuracy.figures import Comparison

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 760, 46, 210, 20, 30
_MOST = 0.10  # errors beyond are drawn at the edge


def draw(groups: Mapping[str, Sequence[Comparison]]) -> str:
    """The picture as SVG text; groups from the top."""
    height = _TOP + _ROW * len(groups) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
    ]
    bottom = _TOP + _ROW * len(groups)
    for percent in range(-10, 11, 5):
        x = _x(percent / 100)
        colour = "#444" if percent == 0 else "#ddd"
        parts.append(f'<line x1="{x}" y1="{_TOP - 8}" x2="{x}" y2="{bottom}" stroke="{colour}"/>')
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{percent:+d} %</text>')
    for row, (name, comparisons) in enumerate(groups.items()):
        y = _TOP + _ROW * row + _ROW // 2
        parts.append(f'<text x="10" y="{y + 4}">{escape(name)}</text>')
        for number, comparison in enumerate(comparisons):
            x = _x(max(-_MOST, min(_MOST, comparison.error)))
            jitter = (number * 7 % 5 - 2) * 5
            title = f"{comparison.program} {comparison.part}: {100 * comparison.error:+.2f} %"
            parts.append(
                f'<circle cx="{x}" cy="{y + jitter}" r="3" fill="#1f6fb4" fill-opacity="0.55">'
                f"<title>{escape(title)}</title></circle>"
            )
    parts.append(
        f'<text x="{_x(0)}" y="{bottom + 34}" text-anchor="middle">'
        "predicted against published cycles</text>"
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(error: float) -> float:
    inner = _WIDTH - _LEFT - _RIGHT
    return round(_LEFT + inner * (error + _MOST) / (2 * _MOST), 1)
