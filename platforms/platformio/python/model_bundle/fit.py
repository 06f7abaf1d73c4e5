"""Whether a model fits onto a board: what can be told before anything is built.

The build itself tells to the byte, and says the same in the same words (builder/memory.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from model_bundle.arena import peak_activation_bytes, records_bytes
from model_bundle.model import Model

# By how much less than stated the program may take: fewer kernels, a resolver for fewer operators.
# A model that is short of less than this is left to the linker.
_FLASH_VARIES = 24 << 10
_RAM_VARIES = 512
# The records of TFLite Micro are known to a hundredth; so much is added.
_RECORDS_UNSURE = 1.02


@dataclass(frozen=True)
class Room:
    """What a board has for a model.

    Attributes:
        name: the board's, as BOARD takes it.
        title: the board's, as its maker writes it.
        flash: bytes of flash.
        program_flash: bytes of it that the program takes, with each of its kernels and no model.
        ram_name: of the memory that the arena lies in.
        ram: bytes of that memory.
        program_ram: bytes of it that the program takes without the arena.
    """

    name: str
    title: str
    flash: int
    program_flash: int
    ram_name: str
    ram: int
    program_ram: int

    @property
    def arena(self) -> int:
        """Bytes that are left for the arena."""
        return self.ram - self.program_ram


def read_rooms(boards: Path) -> list[Room]:
    """The boards in a folder of PlatformIO's board files, by name."""
    return [_room(path) for path in sorted(boards.glob("*.json"))]


def why_not(model: Model, room: Room) -> str | None:
    """Why the model cannot fit onto the board, whatever is linked with it; None if it may.

    Each memory that is too small, with the bytes needed and the bytes there.
    """
    flash, tensors = len(model.content), peak_activation_bytes(model)
    left = room.flash - room.program_flash
    reasons = []
    if flash > left + _FLASH_VARIES:
        reasons.append(
            f"it takes {flash:,} bytes of flash, and the program leaves about {_about(left)} of"
            f" {room.flash:,}: some {_about(flash - left)} too few"
        )
    if tensors > room.arena + _RAM_VARIES:
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
    needed = arena or peak_activation_bytes(model) + _RECORDS_UNSURE * records_bytes(model)
    names = [
        room.name
        for room in rooms
        if needed <= room.arena and len(model.content) + room.program_flash <= room.flash
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
    )
