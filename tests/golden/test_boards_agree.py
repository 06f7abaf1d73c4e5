"""All boards get the same picture and the same int8 outputs from the same scene, bit for bit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facet.board.board import load
from facet.dataset import EMOTIONS, Frame, draw_face
from facet.evaluation.seen import Seen, through_firmware
from facet.firmware.build import FirmwareCache
from facet.model import bundle as model_bundle

REFERENCE = "nucleo_l476rg"
OTHERS = ("nucleo_l432kc", "esp32c3_devkitm")
MODEL = os.environ.get("MODEL", "facet-small")
FRAMES = 20
FIRST_SEED = 5_000_000


def faces() -> list[Frame]:
    """Drawn people, each between two emotions, so that the outputs vary."""
    drawn = []
    for n in range(FRAMES):
        one, other = (draw_face(EMOTIONS[(n + k) % 5], FIRST_SEED + n).gray for k in (0, 1))
        drawn.append(Frame(one // 2 + other // 2, EMOTIONS[n % 5], f"{n}", "drawn"))
    return drawn


def seen_by(board: str) -> list[Seen]:
    firmware: Path = FirmwareCache().get(load(board), model_bundle.find(MODEL))
    return through_firmware(board, firmware, faces())


@pytest.fixture(scope="module")
def reference() -> list[Seen]:
    seen = seen_by(REFERENCE)
    assert len({frame.scores for frame in seen}) > FRAMES // 4, "the outputs hardly vary"
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("board", OTHERS)
def test_a_board_has_the_same_picture_and_outputs(board: str, reference: list[Seen]) -> None:
    here = seen_by(board)
    assert [(frame.fifo, frame.scores) for frame in here] == [
        (frame.fifo, frame.scores) for frame in reference
    ]
