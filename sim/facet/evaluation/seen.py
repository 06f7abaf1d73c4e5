"""What went into the camera's FIFO and what the firmware made of it, for many frames."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from facet.dataset import Frame, GrayImage
from facet.device.camera import Camera
from facet.evaluation.evaluate import show_each
from facet.target.decision import Decision
from facet.target.simulated import simulate

_FRAMES_A_BOARD: Final = 16


@dataclass(frozen=True)
class Seen:
    """One frame on its way.

    Attributes:
        name, label: the frame's.
        fifo: the bytes that the camera stored, YUYV.
        width, height: in pixels.
        decision: what the device said.
    """

    name: str
    label: str | None
    fifo: bytes
    width: int
    height: int
    decision: Decision

    @property
    def scores(self) -> tuple[int, ...]:
        """The int8 outputs of the model, as the device reported them."""
        return self.decision.scores


def through_firmware(
    board: str,
    firmware: Path,
    frames: Sequence[Frame],
    on_progress: Callable[[int], None] = lambda _frames: None,
) -> list[Seen]:
    """Shows all frames to the firmware, on all cores.

    Args:
        board: its name.
        firmware: the ELF file.
        frames: what to show.
        on_progress: told how many frames more are done.
    """
    shares = [frames[i : i + _FRAMES_A_BOARD] for i in range(0, len(frames), _FRAMES_A_BOARD)]
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        seen = []
        for share in pool.map(partial(_show, board, firmware), shares):
            seen += share
            on_progress(len(share))
        return seen


def _show(board: str, firmware: Path, frames: Sequence[Frame]) -> list[Seen]:
    bench = simulate(board, firmware)
    camera = bench.part("camera", Camera)
    bench.show(frames[0])
    bench.wait_for_boot()
    seen = []
    for outcome in show_each(bench, frames):
        stored = camera.last_frame
        assert stored is not None, "the camera took no picture"
        assert outcome.decision is not None, outcome.error
        seen.append(
            Seen(
                outcome.frame,
                outcome.label,
                stored.data,
                stored.width,
                stored.height,
                outcome.decision,
            )
        )
    return seen


def box_filtered_luma(seen: Seen) -> GrayImage:
    """What the firmware's preprocessing should make of the FIFO's bytes.

    Luma is every second byte, beginning with the first; each 2 x 2 pixels become their mean,
    rounded half up.
    """
    luma = np.frombuffer(seen.fifo, np.uint8)[0::2].reshape(seen.height, seen.width)
    sums = luma.reshape(seen.height // 2, 2, seen.width // 2, 2).sum(axis=(1, 3), dtype=np.uint16)
    means: GrayImage = ((sums + 2) >> 2).astype(np.uint8)
    return means
