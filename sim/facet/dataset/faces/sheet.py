"""A contact sheet: faces side by side, a row for each emotion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from facet.dataset.faces.canvas import ColourImage
from facet.dataset.faces.face import Face
from facet.dataset.labels import EMOTIONS
from facet.errors import FacetError

_CAPTION_px: Final = 26
_GAP_px: Final = 6


def sheet_image(faces: Sequence[Face]) -> ColourImage:
    """One row for each emotion that occurs, its name above, uint8 [height, width, 3]."""
    return sheet_of_rows(
        [
            (emotion, of_emotion)
            for emotion in EMOTIONS
            if (of_emotion := [face.image for face in faces if face.emotion == emotion])
        ]
    )


def sheet_of_rows(rows: Sequence[tuple[str, Sequence[ColourImage]]]) -> ColourImage:
    """Rows of images with a caption above each, uint8 [height, width, 3].

    Args:
        rows: captions and their images, all uint8 [side, side, 3] of one size.

    Raises:
        FacetError: no rows.
    """
    if not rows:
        raise FacetError("a contact sheet needs at least one face")
    side = len(rows[0][1][0])
    columns = max(len(images) for _, images in rows)
    height = len(rows) * (side + _CAPTION_px + _GAP_px)
    width = max(columns * (side + _GAP_px) + _GAP_px, 120)
    sheet = np.full((height, width, 3), 255, np.uint8)
    for r, (caption, images) in enumerate(rows):
        top = r * (side + _CAPTION_px + _GAP_px)
        cv2.putText(
            sheet, caption, (_GAP_px, top + _CAPTION_px - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.6,
            (40, 40, 40), 1, cv2.LINE_AA,
        )  # fmt: skip
        for c, image in enumerate(images):
            left = _GAP_px + c * (side + _GAP_px)
            sheet[top + _CAPTION_px : top + _CAPTION_px + side, left : left + side] = image
    return sheet


def contact_sheet(faces: Sequence[Face], path: str | Path) -> None:
    """Writes a PNG of drawn faces of one size, with a row for each emotion.

    Raises:
        FacetError: no faces, or the file cannot be written.
    """
    path = Path(path)
    done, png = cv2.imencode(".png", sheet_image(faces)[..., ::-1])
    half_written = path.with_name(path.name + ".tmp")
    try:
        if not done:
            raise OSError("PNG encoding failed")
        path.parent.mkdir(parents=True, exist_ok=True)
        half_written.write_bytes(png.tobytes())
        half_written.replace(path)
    except OSError as error:
        half_written.unlink(missing_ok=True)
        raise FacetError(f"{path}: cannot be written ({error})") from None
