"""Data sets of the tests' own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result

from facet.cli import main

Gray = npt.NDArray[np.uint8]


@pytest.fixture
def facet() -> Callable[..., Result]:
    """Runs `facet` with arguments, in this process."""

    def run(*arguments: str | Path) -> Result:
        result = CliRunner(env={"COLUMNS": None}).invoke(main, [str(a) for a in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def picture(seed: int, side: int = 48) -> Gray:
    """Soft blots that differ clearly from one another."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 12), np.uint8)
    return resized(coarse, side)


def resized(image: Gray, side: int) -> Gray:
    how = cv2.INTER_AREA if side < len(image) else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (side, side), interpolation=how), np.uint8)


def save(path: Path, image: Gray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, image)
    path.write_bytes(data.tobytes())


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """A folder of 60 pictures, 20 each of three emotions; one of them twice, retouched."""
    folder = tmp_path / "faces"
    for n in range(60):
        save(folder / ("happy", "sad", "neutral")[n % 3] / f"{n:02}.png", picture(n))
    brighter = np.clip(picture(0).astype(int) * 3 // 4 + 50, 0, 255).astype(np.uint8)
    save(folder / "happy" / "00-retouched.jpg", resized(brighter, 64))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
