"""Each step of frames through the firmware: camera bytes, network input, scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from facet.dataset import Frame, GrayImage
from facet.device.camera import Camera
from facet.errors import DeviceFailedError
from facet.evaluation.evaluate import CHUNK, show_each
from facet.evaluation.recorder import InputRecorder
from facet.evaluation.workers import cores, in_processes
from facet.target.decision import Decision
from facet.target.simulated import simulate


@dataclass(frozen=True)
class Seen:
    """One frame on its way.

    Attributes:
        name, label: the frame's.
        fifo: the bytes that the camera stored, YUYV.
        width, height: in pixels.
        network_input: what the firmware gave to its network, uint8 [height, width]; None where the
            firmware has no debugging information.
        decision: the decision that the device reported.
    """

    name: str
    label: str | None
    fifo: bytes
    width: int
    height: int
    network_input: GrayImage | None
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
        on_progress: called with the number of frames that are done since the last call.

    Raises:
        FacetError: no such board, the firmware does not fit it, or a process died.
        DeviceFailedError: the device reported an error, or nothing.
    """
    shares = [frames[i : i + CHUNK] for i in range(0, len(frames), CHUNK)]
    work = partial(_show, board, firmware)
    results = in_processes(work, shares, cores(), lambda share: on_progress(len(share)))
    return [seen for share in results for seen in share]


def _show(board: str, firmware: Path, frames: Sequence[Frame]) -> list[Seen]:
    bench = simulate(board, firmware)
    camera = bench.part("camera", Camera)
    recorder = InputRecorder(bench)
    bench.show(frames[0])
    bench.wait_for_boot()
    seen = []
    for outcome in show_each(bench, frames, recorder=recorder):
        if outcome.decision is None:
            raise DeviceFailedError(f"{outcome.frame}: {outcome.error}")
        stored = camera.last_frame
        assert stored is not None, "a decision without a picture"
        seen.append(
            Seen(
                outcome.frame,
                outcome.label,
                stored.data,
                stored.width,
                stored.height,
                outcome.network_input,
                outcome.decision,
            )
        )
    return seen


def box_filtered_luma(seen: Seen) -> GrayImage:
    """The result that the firmware's preprocessing should compute from the FIFO's bytes.

    Luma is every second byte, beginning with the first; each 2 x 2 pixels become their mean,
    rounded half up.
    """
    luma = np.frombuffer(seen.fifo, np.uint8)[0::2].reshape(seen.height, seen.width)
    sums = luma.reshape(seen.height // 2, 2, seen.width // 2, 2).sum(axis=(1, 3), dtype=np.uint16)
    means: GrayImage = ((sums + 2) >> 2).astype(np.uint8)
    return means
