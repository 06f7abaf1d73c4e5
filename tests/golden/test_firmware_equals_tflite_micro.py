"""The firmware's int8 outputs are those of TFLite Micro's own wheel, bit for bit.

The frames take the whole way: scene, lens, FIFO, SPI, preprocessing and the model in the firmware.
On the host the same FIFO's bytes take a second, independent way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from facet.board.board import load
from facet.dataset import EMOTIONS, Frame, draw_face, load_frames
from facet.evaluation.seen import Seen, box_filtered_luma, through_firmware
from facet.firmware.build import FirmwareCache
from facet.model import bundle as model_bundle
from models.evaluation.tflm import HostModel

BOARD = os.environ.get("BOARD", "nucleo_l476rg")
MODEL = os.environ.get("MODEL", "facet-small")
FERPLUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "fer2013_train_public.npz"

DRAWN_FRAMES = 200
REAL_FRAMES = 60
FIRST_SEED = 4_000_000


def doubtful_faces(count: int) -> list[Frame]:
    """Drawn people between two emotions, so that the outputs are not all at their ends."""
    frames = []
    for n in range(count):
        one, other = EMOTIONS[n % 5], EMOTIONS[(n + 1 + n // 5 % 4) % 5]
        share = (n * 37 % 101) / 100
        faces = [draw_face(emotion, FIRST_SEED + n).gray for emotion in (one, other)]
        blend = np.rint((1 - share) * faces[0] + share * faces[1]).astype(np.uint8)
        frames.append(Frame(blend, one, f"{100 * share:.0f} % of the way from {one}", "drawn"))
    return frames


@pytest.fixture(scope="module")
def firmware() -> Path:
    return FirmwareCache().get(load(BOARD), model_bundle.find(MODEL))


def assert_equal_to_host(seen: Sequence[Seen]) -> None:
    host = HostModel(model_bundle.find(MODEL).tflite)
    differing = {
        frame.name: (frame.scores, tuple(expected.tolist()))
        for frame in seen
        if not np.array_equal(expected := host.scores(box_filtered_luma(frame)), frame.scores)
    }
    assert differing == {}, f"{len(differing)} of {len(seen)} frames differ (firmware, host)"


@pytest.mark.slow
def test_on_drawn_faces(firmware: Path) -> None:
    seen = through_firmware(BOARD, firmware, doubtful_faces(DRAWN_FRAMES))
    assert len({frame.scores for frame in seen}) > DRAWN_FRAMES // 4, "the outputs hardly vary"
    assert_equal_to_host(seen)


@pytest.mark.slow
@pytest.mark.skipif(not FERPLUS.exists(), reason="FER2013 with FER+ votes is not here")
def test_on_real_faces(firmware: Path) -> None:
    frames: list[Frame] = load_frames(str(FERPLUS), split="public", limit=REAL_FRAMES)
    assert_equal_to_host(through_firmware(BOARD, firmware, frames))
