"""Each long command reports its progress every ten seconds if its output is not a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from click.testing import Result

from facet import progress
from facet.dataset.faces import draw_face
from tests.firmware_under_test import firmware

Facet = Callable[..., Result]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Eight pictures, named as Edge Impulse's uploader takes them."""
    for split in ("train", "test"):
        for person in range(4):
            path = tmp_path / "data" / split / "happy" / f"happy.{person}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), draw_face("happy", 10 * len(split) + person).gray)
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("sim", r"frames: \d of 4, \d+ s"),
        ("eval", r"frames: \d of 4, \d+ s"),
        ("export edge-impulse", r"pictures written: \d+, \d+ s"),
        ("import edge-impulse", r"pictures read: \d+, \d+ s"),
        ("capture", r"pictures of happy, data: \d of 8, \d+ s"),
    ],
)
def test_a_line_every_so_often(
    facet: Facet,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    line: str,
) -> None:
    monkeypatch.setattr(progress, "LINE_INTERVAL_S", 0.001)
    options: dict[str, tuple[str | Path, ...]] = {
        "sim": ("--dataset", dataset, "--firmware", firmware(), "--out", tmp_path / "out"),
        "eval": ("--dataset", dataset, "--firmware", firmware()),
        "export edge-impulse": ("--dataset", dataset, "--out", tmp_path / "out"),
        "import edge-impulse": (dataset, "--out", tmp_path / "out"),
        "capture": ("--source", dataset, "--emotion", "happy", "--out", tmp_path / "out"),
    }
    result = facet(*command.split(), *options[command])
    assert result.exit_code == 0, result.output
    lines = result.stderr.splitlines()
    assert any(re.match(line, text) for text in lines), lines
