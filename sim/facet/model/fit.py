"""Whether a model fits a board, estimated from its card before anything is built.

The firmware's build measures what is estimated here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from facet.board.board import Board
from facet.errors import FacetError
from facet.model.card import ModelCard
from facet.resources import PLATFORMIO_BOARDS


@dataclass(frozen=True)
class Fit:
    """A model on a board.

    Attributes:
        flash_bytes, ram_bytes: what it needs: its file; its arena.
        flash_room, ram_room: what the firmware leaves for them.
    """

    board: str
    flash_bytes: int
    flash_room: int
    ram_bytes: int
    ram_room: int

    @property
    def fits(self) -> bool:
        """Whether both fit."""
        return self.flash_bytes <= self.flash_room and self.ram_bytes <= self.ram_room

    @property
    def why_not(self) -> str:
        """What is too small, and by how much; empty where it fits."""
        return "; ".join(
            f"{memory}: it needs {needed:,} bytes, {room:,} are left"
            for memory, needed, room in (
                ("flash", self.flash_bytes, self.flash_room),
                ("RAM", self.ram_bytes, self.ram_room),
            )
            if needed > room
        )


def fit(card: ModelCard, board: Board, boards: Path = PLATFORMIO_BOARDS) -> Fit:
    """Compares what a model needs with what a board has.

    Args:
        card: the model's card.
        board: the board.
        boards: the folder of PlatformIO's board files.

    Raises:
        FacetError: the memory that the board's own firmware takes is not known.
    """
    path = boards / f"{board.environment}.json"
    try:
        memory = json.loads(path.read_text())
        own = memory["build"]["program"]
    except (FileNotFoundError, KeyError):
        raise FacetError(
            f"how much memory the firmware '{board.environment}' of {board.name} leaves is not "
            "known: build it, the build says what fits"
        ) from None
    _name, _start, main_ram = memory["build"]["ram"][0]
    return Fit(
        board.name,
        card.file_bytes,
        int(memory["upload"]["maximum_size"]) - int(own["flash"]),
        card.arena_bytes,
        int(main_ram) - int(own["ram"]),
    )
