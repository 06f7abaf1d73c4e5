"""Every trained model, on the first board that it fits, gives the scores of TFLite Micro.

A few faces each; `python -m models.evaluate_on_board NAME` runs hundreds, for the card's figures.
"""

from __future__ import annotations

import json

import pytest

from facet.board.board import load
from facet.dataset import Frame, draw_face
from facet.firmware.build import FirmwareCache
from facet.model import bundle as model_bundle
from facet.model.card import read_card
from facet.model.fit import fit
from facet.model.folder import names
from models.evaluate_on_board import BOARDS, compare

FACES = [("happy", 11), ("angry", 12), ("surprised", 13)]


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_on_drawn_faces(name: str) -> None:
    bundle = model_bundle.find(name)
    card = read_card(bundle.card)
    board = next(b for b in BOARDS if fit(card, load(b)).fits)
    frames = [
        Frame(draw_face(emotion, 4_100_000 + seed).gray, None, emotion, "drawn")
        for emotion, seed in FACES
    ]
    firmware = FirmwareCache().get(load(board), bundle)
    figures = compare(board, firmware, bundle, frames)
    assert figures["equal_frames"] == len(frames)


@pytest.mark.parametrize("name", names())
def test_its_card_tells_of_hundreds_of_frames_through_the_firmware(name: str) -> None:
    bundle = model_bundle.find(name)
    on_board = json.loads(bundle.card.read_text())["on_board"]
    for board, figures in on_board.items():
        assert figures["equal_frames"] == figures["frames"], board
        assert figures["accuracy"] == figures["host_accuracy"], board
    most = max(figures["frames"] for figures in on_board.values())
    assert most >= (100 if "ck48" in str(on_board) else 500)
