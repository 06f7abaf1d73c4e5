"""Hold what the firmware says of many frames against TFLite Micro on the host.

python -m models.on_board facet-nano --frames 500

The frames take the whole way through the simulated board: camera, FIFO, SPI, preprocessing, the
model in the firmware. What the host's TFLite Micro says of the very bytes that the camera stored
must be the same, score by score. The result goes into the model's card.
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
from rich.console import Console
from rich.progress import Progress

from facet.board.board import load
from facet.dataset.frame import Frame
from facet.dataset.labels import LabelSet
from facet.dataset.loaders import load_frames
from facet.errors import FacetError
from facet.evaluation.seen import box_filtered_luma, through_firmware
from facet.firmware.build import FirmwareCache
from facet.model import bundle as model_bundle
from facet.model.card import read_card
from facet.model.fit import fit
from models.card import TRAINED, write_model
from models.data import open_ck, split_ck
from models.tflm import outputs_of

BOARDS: Final = ("nucleo_l476rg", "nucleo_l432kc", "esp32c3_devkitm")
"""In the order in which a model is tried on them."""


@click.command()
@click.argument("name")
@click.option("--board", help="Default: the first that the model fits.")
@click.option("--frames", type=click.IntRange(1), default=500, show_default=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Frames; default: FER+ PublicTest, or CK+ for a model that learnt from it.",
)
@click.option(
    "--models",
    "folder",
    type=click.Path(path_type=Path),
    default=TRAINED,
    show_default="models/trained",
)
def main(name: str, board: str | None, frames: int, data: Path | None, folder: Path) -> None:
    """Run frames through the firmware with the model NAME and compare each score."""
    try:
        figures = run(name, board, frames, data, folder, Console())
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps({name: figures}))
    if figures["equal_frames"] != figures["frames"]:
        raise click.ClickException("the firmware and TFLite Micro on the host differ")


def run(
    name: str, board: str | None, count: int, data: Path | None, folder: Path, console: Console
) -> dict[str, Any]:
    """What the command does; see its options.

    Returns:
        What was written into the card under ``on_board``.

    Raises:
        FacetError: no such model or data, or the model fits no board.
    """
    bundle = model_bundle.find(name, folder)
    card = read_card(bundle.card)
    chosen = board or next((b for b in BOARDS if fit(card, load(b)).fits), None)
    if chosen is None:
        reasons = "; ".join(f"{b}: {fit(card, load(b)).why_not}" for b in BOARDS)
        raise FacetError(f"{name} fits no board: {reasons}")
    learnt_ck = "ck_held_out" in card.sets
    source = data or Path("../shared/data") / (
        "ck48.npz" if learnt_ck else "fer2013_train_public.npz"
    )
    frames = (
        _held_out(source, card.label_set)[:count]
        if learnt_ck
        else load_frames(str(source), "public", count, 0, card.label_set)
    )
    firmware = FirmwareCache().get(load(chosen), bundle, console.print)
    figures = compare(chosen, firmware, bundle, frames, console)
    content = json.loads(bundle.card.read_text())
    content.setdefault("on_board", {})[chosen] = {"data": source.name, **figures}
    write_model(folder, name, bundle.tflite.read_bytes(), content)
    return {"board": chosen, **figures}


def _held_out(ck: Path, label_set: LabelSet) -> list[Frame]:
    """The faces of CK+ whose people nobody learnt from."""
    held_out = split_ck(open_ck(ck), label_set).validation
    return [
        Frame(image, label_set.labels[int(truth)], f"held out {number}", str(ck))
        for number, (image, truth) in enumerate(zip(held_out.images, held_out.classes, strict=True))
    ]


def compare(
    board: str,
    firmware: Path,
    bundle: model_bundle.ModelBundle,
    frames: Sequence[Frame],
    console: Console,
) -> dict[str, Any]:
    """Run frames through the firmware, and what the camera stored of them through the host."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{bundle.name} on {board}", total=len(frames))
        seen = through_firmware(board, firmware, frames, lambda done: progress.advance(task, done))
    images = np.stack([box_filtered_luma(frame) for frame in seen])
    host = outputs_of(bundle.tflite.read_bytes(), images)
    equal = [tuple(row.tolist()) == frame.scores for row, frame in zip(host, seen, strict=True)]
    right = [frame.decision.said == frame.label for frame in seen]
    host_right = [
        bundle.labels[int(row.argmax())] == frame.label
        for row, frame in zip(host, seen, strict=True)
    ]
    return {
        "firmware_sha256": hashlib.sha256(firmware.read_bytes()).hexdigest(),
        "frames": len(seen),
        "equal_frames": sum(equal),
        "accuracy": round(sum(right) / len(seen), 4),
        "host_accuracy": round(sum(host_right) / len(seen), 4),
        "inference_cycles": round(statistics.median(f.decision.cycles["inference"] for f in seen)),
        "inference_us": round(statistics.median(f.decision.us["inference"] for f in seen)),
    }


if __name__ == "__main__":
    main()
