"""A contact sheet: the shown picture, the network's input and the device's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from facet.dataset.frame import Frame, GrayImage
from facet.dataset.resample import middle_square, resize_area
from facet.evaluation.results import Outcome

_FACE_px: Final = 144
_TEXT_px: Final = 40
_GAP_px: Final = 8
_BETWEEN_px: Final = 4
_TILE_px: Final = 2 * _FACE_px + _BETWEEN_px
_MOST_COLUMNS: Final = 10
_MOST_TILES: Final = 400

_INK: Final = (40, 40, 40)
_RIGHT: Final = (40, 120, 30)
_WRONG: Final = (30, 30, 190)
_EMPTY: Final = (225, 225, 225)
"""Blue, green, red."""

_Image = npt.NDArray[np.uint8]


def faces_png(frames: Sequence[Frame], outcomes: Sequence[Outcome], columns: int = 5) -> bytes:
    """A PNG with a tile for each frame: the face, the network's input, label and answer.

    On the left is the picture that was shown, on the right the 48 x 48 gray levels that the
    firmware computed of what its camera saw. Pictures that may not be shown (those of FER2013 and
    CK+, see ``Frame.may_show``) have the frame's name in their place.

    Args:
        frames, outcomes: one outcome for each frame; the first 400 get tiles.
        columns: tiles in a row.
    """
    pairs = list(zip(frames, outcomes, strict=True))[:_MOST_TILES]
    columns = max(1, min(columns if len(pairs) <= 50 else _MOST_COLUMNS, len(pairs)))
    rows = -(-len(pairs) // columns)
    width, height = _TILE_px + _GAP_px, _FACE_px + _TEXT_px + _GAP_px
    sheet = np.full((rows * height + _GAP_px, columns * width + _GAP_px, 3), 255, np.uint8)
    for place, (frame, outcome) in enumerate(pairs):
        top = _GAP_px + place // columns * height
        left = _GAP_px + place % columns * width
        tile = sheet[top : top + _FACE_px + _TEXT_px, left : left + _TILE_px]
        tile[:_FACE_px, :_FACE_px] = _picture(frame)
        tile[:_FACE_px, _FACE_px + _BETWEEN_px :] = _input(frame, outcome)
        _write(tile, f"shown {frame.label or '?'}", _FACE_px + 15, _INK)
        _write(tile, _said(outcome), _FACE_px + 32, _colour(outcome))
    _, png = cv2.imencode(".png", sheet)
    return bytes(png.tobytes())


def _picture(frame: Frame) -> _Image:
    if frame.may_show:
        return _gray(middle_square(frame.image))
    return _empty(frame.name[-24:])


def _input(frame: Frame, outcome: Outcome) -> _Image:
    if outcome.network_input is None or not frame.may_show:
        return _empty("" if outcome.network_input is None else "48 x 48, not shown")
    return _gray(outcome.network_input)


def _gray(image: GrayImage) -> _Image:
    return np.repeat(resize_area(image, _FACE_px, _FACE_px)[:, :, None], 3, axis=2)


def _empty(text: str) -> _Image:
    tile = np.full((_FACE_px, _FACE_px, 3), _EMPTY, np.uint8)
    _write(tile, text, _FACE_px // 2, _INK)
    return tile


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
    text = text.encode("ascii", "replace").decode()  # OpenCV's fonts have no other characters
    size = 0.4 if len(text) <= 20 else 0.3
    cv2.putText(image, text, (2, baseline), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
