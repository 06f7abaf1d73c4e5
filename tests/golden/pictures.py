"""The answers of a model on the device, and of the same network in float on the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from facet.board.board import load
from facet.dataset.frame import Frame
from facet.evaluation.seen import box_filtered_luma, through_firmware
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find

Floats = npt.NDArray[np.float32]


def on_device_and_in_float(
    model: Path,
    frames: Sequence[Frame],
    in_float: Callable[[Floats], Floats],
    board: str = "nucleo_l476rg",
) -> tuple[Floats, Floats, list[str]]:
    """Runs frames through the firmware, and what its camera stored through a float network.

    Nothing of the quantization of the input is shared: the float network gets the pixels as they
    are, 0 to 255, and does with them what its training did.

    Args:
        model: the .tflite, its card beside it.
        frames: what is shown to the camera.
        in_float: takes pixels 0 to 255 [frames, 48, 48, 1], gives probabilities [frames, labels].
        board: on which the firmware runs.

    Returns:
        Probabilities of the device and of the float network [frames, labels]; what the device
        said.
    """
    seen = through_firmware(board, FirmwareCache().get(load(board), find(str(model))), frames)
    pixels = np.stack([box_filtered_luma(frame) for frame in seen])[..., None]
    device = np.array([frame.scores for frame in seen], np.float32)
    said = [frame.decision.said for frame in seen]
    return np.asarray((device + 128) / 256, np.float32), in_float(pixels.astype(np.float32)), said
