"""The recorded input of the network is what the firmware computed, out of its own memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facet.board.board import load
from facet.dataset import load_frames
from facet.evaluation.recorder import InputRecorder
from facet.evaluation.seen import box_filtered_luma, through_firmware
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find
from facet.target.simulated import simulate
from tests.cli import programs
from tests.firmware_under_test import BOARD, MODEL, firmware


def test_it_is_the_filtered_picture_of_the_camera() -> None:
    frames = load_frames("drawn", limit=2)
    for seen in through_firmware(BOARD, firmware(), frames):
        assert seen.network_input is not None
        assert seen.network_input.shape == (48, 48)
        assert np.array_equal(seen.network_input, box_filtered_luma(seen))


@pytest.mark.slow
def test_it_is_found_on_the_other_architecture_too() -> None:
    elf = FirmwareCache().get(load("esp32c3_devkitm"), find(MODEL))
    (seen,) = through_firmware("esp32c3_devkitm", elf, load_frames("drawn", limit=1))
    assert seen.network_input is not None
    assert np.array_equal(seen.network_input, box_filtered_luma(seen))


def test_other_firmware_has_none(tmp_path: Path) -> None:
    recorder = InputRecorder(simulate(BOARD, programs.build(programs.LAMP, tmp_path)))
    assert recorder.take() is None
