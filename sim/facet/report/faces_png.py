"""A contact sheet: what was shown, and what the device said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from facet.dataset.drawn import DRAWN
from facet.dataset.frame import Frame
from facet.dataset.resample import resize_area
from facet.evaluation.results import Outcome

_FACE_px: Final = 144
_TEXT_px: Final = 40
_GAP_px: Final = 8
_MOST_COLUMNS: Final = 10
_MOST_TILES: Final = 400

_INK: Final = (40, 40, 40)
_RIGHT: Final = (40, 120, 30)
_WRONG: Final = (30, 30, 190)
_EMPTY: Final = (225, 225, 225)
"""Blue, green, red."""

_Image = npt.NDArray[np.uint8]


def faces_png(frames: Sequence[Frame], outcomes: Sequence[Outcome], columns: int = 5) -> bytes:
    """A PNG with a tile for each frame: the face, its label, what the device said.

    Only faces that Facet drew itself are shown. Pictures of data sets stay where they are (their
    licences are not ours to give): such a tile has the frame's name in place of the face.

    Args:
        frames, outcomes: one outcome for each frame; the first 400 get tiles.
        columns: tiles in a row.
    """
    pairs = list(zip(frames, outcomes, strict=True))[:_MOST_TILES]
    columns = max(1, min(columns if len(pairs) <= 50 else _MOST_COLUMNS, len(pairs)))
    rows = -(-len(pairs) // columns)
    width, height = _FACE_px + _GAP_px, _FACE_px + _TEXT_px + _GAP_px
    sheet = np.full((rows * height + _GAP_px, columns * width + _GAP_px, 3), 255, np.uint8)
    for place, (frame, outcome) in enumerate(pairs):
        top = _GAP_px + place // columns * height
        left = _GAP_px + place % columns * width
        tile = sheet[top : top + _FACE_px + _TEXT_px, left : left + _FACE_px]
        tile[:_FACE_px] = _picture(frame)
        _write(tile, f"shown {frame.label or '?'}", _FACE_px + 15, _INK)
        _write(tile, _said(outcome), _FACE_px + 32, _colour(outcome))
    _, png = cv2.imencode(".png", sheet)
    return bytes(png.tobytes())


def _picture(frame: Frame) -> _Image:
    if frame.source == DRAWN:
        gray = resize_area(frame.image, _FACE_px, _FACE_px)
        return np.repeat(gray[:, :, None], 3, axis=2)
    empty = np.full((_FACE_px, _FACE_px, 3), _EMPTY, np.uint8)
    _write(empty, frame.name[-24:], _FACE_px // 2, _INK)
    return empty


def _said(outcome: Outcome) -> str:
    if outcome.decision is None:
        return "said: error"
    doubt = "?" if outcome.decision.uncertain else ""
    return f"said {outcome.decision.said}{doubt} {outcome.decision.confidence}%"


def _colour(outcome: Outcome) -> tuple[int, int, int]:
    if outcome.label is None:
        return _INK
    return _RIGHT if outcome.right else _WRONG


def _write(image: _Image, text: str, baseline: int, colour: tuple[int, int, int]) -> None:
    size = 0.4 if len(text) <= 20 else 0.3
    cv2.putText(image, text, (2, baseline), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
