"""Estimates whether a model fits a board, before anything is built.

The arena is computed exactly (`arena.py`). The program's own use of flash and RAM depends on the
operators that are linked with it: `FLASH_VARIES` and `RAM_VARIES` bound it. The
firmware's build measures both and reports them in the same form (builder/memory.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facet.board.board import Board
from facet.errors import FacetError
from facet.model.arena import peak_activation_bytes, planning_bytes
from facet.model.tflite import Model
from facet.resources import PLATFORMIO_BOARDS

if TYPE_CHECKING:
    from facet.model.card import ModelCard  # needs NumPy, which PlatformIO may run without

FLASH_VARIES: Final = 28 << 10
RAM_VARIES: Final = 512
"""By how many bytes less than stated the program may take: it has fewer kernels, and a resolver
for fewer operators. The linker decides about a model that is short of less than this."""


@dataclass(frozen=True)
class Room:
    """The memory that a board has for a model.

    Attributes:
        name: of PlatformIO's environment, as BOARD takes it.
        title: the board's, as its maker writes it.
        flash: bytes of flash.
        program_flash: bytes of it that the program takes, with each of its kernels and no model.
        ram_name: of the memory that the arena lies in.
        ram: bytes of that memory.
        program_ram: bytes of it that the program takes without the arena.
        short_enums: of its compiler; see `arena_bytes`.
    """

    name: str
    title: str
    flash: int
    program_flash: int
    ram_name: str
    ram: int
    program_ram: int
    short_enums: bool = True

    @property
    def arena(self) -> int:
        """Bytes that are left for the arena."""
        return self.ram - self.program_ram

    @property
    def model_flash(self) -> int:
        """Bytes that are left for the model's file."""
        return self.flash - self.program_flash


@dataclass(frozen=True)
class Fit:
    """A model on a board.

    Attributes:
        board: its name.
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
    def may_fit(self) -> bool:
        """Whether both fit if the program takes its smallest possible size."""
        return (
            self.flash_bytes <= self.flash_room + FLASH_VARIES
            and self.ram_bytes <= self.ram_room + RAM_VARIES
        )

    @property
    def why_not(self) -> str:
        """The memories that are too small, and by how much; empty if the model fits."""
        return "; ".join(
            f"{memory}: it needs {needed:,} bytes, {room:,} are left"
            for memory, needed, room in (
                ("flash", self.flash_bytes, self.flash_room),
                ("RAM", self.ram_bytes, self.ram_room),
            )
            if needed > room
        )


def fit(card: ModelCard, board: Board, boards: Path = PLATFORMIO_BOARDS) -> Fit:
    """Compares what a model needs, by its card, with what a board has.

    The card's arena is that of a NUCLEO board. On an ESP32-C3 each dense layer takes 8 bytes more.

    Args:
        card: the model's card.
        board: the board.
        boards: the folder of PlatformIO's board files.

    Raises:
        FacetError: the memory that the board's own firmware takes is not known.
    """
    room = _room_of(board, boards)
    return Fit(board.name, card.file_bytes, room.model_flash, card.arena_bytes, room.arena)


def fit_model(model: Model, board: Board, boards: Path = PLATFORMIO_BOARDS) -> Fit:
    """Estimates the fit of a model, which the firmware must be able to run; see `fit`."""
    room = _room_of(board, boards)
    needed = planning_bytes(model, room.short_enums)
    return Fit(board.name, len(model.content), room.model_flash, needed, room.arena)


def _room_of(board: Board, boards: Path) -> Room:
    try:
        return _room(boards / f"{board.environment}.json")
    except (FileNotFoundError, KeyError):
        raise FacetError(
            f"how much memory the firmware '{board.environment}' of {board.name} leaves is not "
            "known: build it, and the build reports what fits"
        ) from None


def read_rooms(boards: Path = PLATFORMIO_BOARDS) -> list[Room]:
    """The boards in a folder of PlatformIO's board files, by name."""
    return [_room(path) for path in sorted(boards.glob("*.json"))]


def why_not(model: Model, room: Room) -> str | None:
    """The reason for which the model cannot fit onto the board, whatever is linked; None if it may.

    Each memory that is too small, with the bytes needed and the bytes there.
    """
    flash, tensors = len(model.content), peak_activation_bytes(model)
    reasons = []
    if flash > room.model_flash + FLASH_VARIES:
        reasons.append(
            f"it takes {flash:,} bytes of flash, and the program leaves about"
            f" {_about(room.model_flash)} of {room.flash:,}: some"
            f" {_about(flash - room.model_flash)} too few"
        )
    if tensors > room.arena + RAM_VARIES:
        reasons.append(
            f"its tensors take {tensors:,} bytes of RAM at once, and the program leaves about"
            f" {_about(room.arena)} of {room.ram_name}'s {room.ram:,}: some"
            f" {_about(tensors - room.arena)} too few"
        )
    return "; ".join(reasons) or None


def others_that_hold(model: Model, rooms: Iterable[Room], arena: int | None = None) -> str:
    """A clause that names the boards onto which the model fits.

    Args:
        model: the model.
        rooms: the boards in question.
        arena: bytes of arena that it needs, where that has been measured.
    """
    names = [
        room.name
        for room in rooms
        if (arena or planning_bytes(model, room.short_enums)) <= room.arena
        and len(model.content) <= room.model_flash
    ]
    if not names:
        return "no board of platforms/ has room for it"
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} room for it"


def _about(count: int) -> str:
    """Rounded to hundreds."""
    return f"{round(count, -2):,}"


def _room(path: Path) -> Room:
    board = json.loads(path.read_text())
    build = board["build"]
    ram_name, _, ram = build["ram"][0]  # the arena's comes first
    return Room(
        name=path.stem,
        title=board["name"],
        flash=board["upload"]["maximum_size"],
        program_flash=build["program"]["flash"],
        ram_name=ram_name,
        ram=ram,
        program_ram=build["program"]["ram"],
        short_enums=build["toolchain"].startswith("arm-"),
    )
