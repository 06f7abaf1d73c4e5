"""The command as a user types it, and clips of drawn faces in place of a camera's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from facet.cli import main
from facet.dataset import GrayImage, draw_face

Facet = Callable[..., Result]


@lru_cache
def drawn(emotion: str, person: int) -> GrayImage:
    """A face of 96 pixels, as the set keeps it."""
    return draw_face(emotion, person, 96).gray


def room(face: GrayImage) -> GrayImage:
    """The face in the middle of a camera's picture, 160 x 120, enlarged to its height."""
    picture = np.full((120, 160), 90, np.uint8)
    picture[:, 20:140] = cv2.resize(face, (120, 120), interpolation=cv2.INTER_AREA)
    return picture


def write_clip(path: Path, emotion: str, people: Sequence[int]) -> Path:
    """A video, one picture of each person."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (160, 120))
    assert writer.isOpened()
    for person in people:
        writer.write(cv2.cvtColor(room(drawn(emotion, person)), cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def write_images(folder: Path, emotion: str, people: Sequence[int]) -> Path:
    """A folder of images, each a face and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for person in people:
        cv2.imwrite(str(folder / f"{person:02}.png"), drawn(emotion, person))
    return folder


def one_line(result: Result) -> str:
    """The complaint: a single line, without a traceback."""
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.output
    assert lines[0].startswith("facet: ")
    return lines[0]


@pytest.fixture
def facet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Facet:
    """Runs `facet capture` in this process, in an empty folder, with lines on standard input."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, lines: str = "") -> Result:
        runner = CliRunner(env={"COLUMNS": None})
        result = runner.invoke(main, ["capture", *map(str, arguments)], input=lines)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
