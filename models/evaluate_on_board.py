"""Compare the firmware's scores for many frames with TFLite Micro on the host.

python -m models.evaluate_on_board facet-nano --frames 500

The frames pass through the whole simulated board: camera, FIFO, SPI, preprocessing, the model in
the firmware. Each score must equal that of TFLite Micro on the host for the bytes that the camera
stored. The result is written into the model's card.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from facet.board.board import load
from facet.dataset.frame import Frame
from facet.dataset.labels import LabelSet
from facet.dataset.loaders import load_frames
from facet.errors import FacetError
from facet.evaluation.seen import box_filtered_luma, through_firmware
from facet.firmware.build import FirmwareCache
from facet.model.bundle import ModelBundle, find
from facet.model.card import read_card
from facet.model.checked import read_checked
from facet.model.fit import fit
from facet.progress import Progress
from models.data.splits import open_ck, split_ck
from models.evaluation.card import TRAINED, write_model
from models.evaluation.tflm import HostModel
from models.options import path_option, reports_errors

BOARDS: Final = ("nucleo_l476rg", "nucleo_l432kc", "esp32c3_devkitm")
"""In the order in which they are tried."""


@click.command()
@click.argument("name")
@click.option("--board", help="Default: the first that the model fits.")
@click.option("--frames", type=click.IntRange(1), default=500, show_default=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Frames; default: FER+ PublicTest, or CK+ for a model that was trained on it.",
)
@path_option("--models", "folder", TRAINED)
@reports_errors
def main(name: str, board: str | None, frames: int, data: Path | None, folder: Path) -> None:
    """Run frames through the firmware with the model NAME and compare each score."""
    bundle = find(name, folder)
    card = read_card(bundle.card)
    chosen = board or next((b for b in BOARDS if fit(card, load(b)).fits), None)
    if chosen is None:
        reasons = "; ".join(f"{b}: {fit(card, load(b)).why_not}" for b in BOARDS)
        raise FacetError(f"{name} fits no board: {reasons}")
    is_ck = "ck_held_out" in card.sets
    source = data or Path("../shared/data") / ("ck48.npz" if is_ck else "fer2013_train_public.npz")
    shown = (
        _held_out(source, card.label_set)[:frames]
        if is_ck
        else load_frames(str(source), "public", frames, 0, card.label_set)
    )
    firmware = FirmwareCache().get(load(chosen), bundle, click.echo)
    figures = compare(chosen, firmware, bundle, shown)
    content = json.loads(bundle.card.read_text())
    content.setdefault("on_board", {})[chosen] = {"data": source.name, **figures}
    write_model(folder, name, bundle.tflite.read_bytes(), content)
    click.echo(json.dumps({name: {"board": chosen, **figures}}))
    if figures["equal_frames"] != figures["frames"]:
        raise FacetError("the scores of the firmware and of TFLite Micro differ")


def _held_out(ck: Path, label_set: LabelSet) -> list[Frame]:
    """The faces of CK+'s held-out subjects."""
    held_out = split_ck(open_ck(ck), label_set).validation
    return [
        Frame(image, label_set.labels[int(truth)], f"held out {number}", str(ck))
        for number, (image, truth) in enumerate(zip(held_out.images, held_out.classes, strict=True))
    ]


def compare(
    board: str, firmware: Path, bundle: ModelBundle, frames: Sequence[Frame]
) -> dict[str, Any]:
    """Run frames through the firmware, and what its camera stored through TFLite Micro."""
    with Progress(f"{bundle.name} on {board}: frames", len(frames)) as progress:
        seen = through_firmware(board, firmware, frames, progress.advance)
    images = np.stack([box_filtered_luma(frame) for frame in seen])
    host = HostModel(bundle.tflite, read_checked(bundle.tflite).pixels).scores_of(images)
    equal = [tuple(row.tolist()) == frame.scores for row, frame in zip(host, seen, strict=True)]
    correct = [frame.decision.said == frame.label for frame in seen]
    host_correct = [
        bundle.labels[int(row.argmax())] == frame.label
        for row, frame in zip(host, seen, strict=True)
    ]
    return {
        "firmware_sha256": hashlib.sha256(firmware.read_bytes()).hexdigest(),
        "frames": len(seen),
        "equal_frames": sum(equal),
        "accuracy": round(sum(correct) / len(seen), 4),
        "host_accuracy": round(sum(host_correct) / len(seen), 4),
        "inference_cycles": round(statistics.median(f.decision.cycles["inference"] for f in seen)),
        "inference_us": round(statistics.median(f.decision.us["inference"] for f in seen)),
    }


if __name__ == "__main__":
    main()
