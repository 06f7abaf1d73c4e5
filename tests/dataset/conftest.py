"""Faces and folders for the tests of data sets; all are drawn, none is of a data set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from facet.dataset import EMOTIONS, Frame, draw_face

Gray = npt.NDArray[np.uint8]
Put = Callable[..., None]


@pytest.fixture(scope="session")
def faces() -> Gray:
    """Ten 48 x 48 faces, the emotions in turn."""
    return np.stack([draw_face(EMOTIONS[i % 5], i, 48).gray for i in range(10)])


@pytest.fixture
def put(tmp_path: Path, faces: Gray) -> Put:
    """Writes pictures into a folder ``data``, each path once; the suffix decides the format."""

    def write(*names: str) -> None:
        for number, name in enumerate(names):
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            encoding = {".jfif": ".jpg", "": ".png"}.get(path.suffix.lower(), path.suffix)
            picture = faces[number % 10]
            if path.suffix.lower() != ".pgm":
                picture = np.repeat(picture[..., None], 3, axis=2)
            _, data = cv2.imencode(encoding, picture)
            path.write_bytes(data.tobytes())

    return write


def labels(frames: list[Frame]) -> list[str | None]:
    return [frame.label for frame in frames]


def names(frames: list[Frame]) -> list[str]:
    return [frame.name for frame in frames]
