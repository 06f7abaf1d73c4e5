"""Writes platforms/renode/faces: what the camera's FIFO holds of drawn faces.

    python -m tools.renode_faces

Renode's model of the camera module takes no picture of its own: it hands over the bytes of a file.
The bytes are those that Facet's model of the camera stored when the simulated NUCLEO-L476RG saw the
face: YUYV, 96 x 96 pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from facet.board.board import load
from facet.dataset import Frame, draw_face
from facet.evaluation.seen import Seen, through_firmware
from facet.files import write_files
from facet.firmware.build import FirmwareCache
from facet.model import bundle

PROJECT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = PROJECT / "platforms" / "renode" / "faces"
EMOTIONS: Final = ("happy", "surprised")
SEED: Final = 7_000_000
BOARD: Final = "nucleo_l476rg"


def frames() -> list[Frame]:
    """The drawn faces."""
    return [Frame(draw_face(name, SEED).gray, name, name, "drawn") for name in EMOTIONS]


def seen() -> Sequence[Seen]:
    """The faces on their way through the simulated board."""
    firmware = FirmwareCache().get(load(BOARD), bundle.find("facet-small"))
    return through_firmware(BOARD, firmware, frames())


def contents() -> Mapping[str, bytes]:
    """The files' names and bytes."""
    return {f"{one.name}.yuyv": one.fifo for one in seen()}


if __name__ == "__main__":
    write_files(FOLDER, dict(contents()))
    print(FOLDER.relative_to(PROJECT))
