"""The catalogue of the parts that a board file may name, and of their connections.

Another package adds a part by an entry point of the group `facet.parts`. The name of the entry
point is the ``type`` in board files, and its object is a `PartFactory`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from facet import plugins
from facet.board.board import Board, PartEntry
from facet.board.wiring import SpiPins, Wiring
from facet.device.arducam_ov2640 import ArducamMini2mpPlus
from facet.device.camera_view import StillView
from facet.device.part import Part
from facet.device.services import DeviceServices
from facet.errors import FacetError
from facet.state import MCU

PartFactory: TypeAlias = Callable[[DeviceServices, Wiring, PartEntry], Part]
"""Makes a part from its entry in the board file and connects it to the wiring.

It raises FacetError where the entry is wrong; `PartEntry.pins` reads the pins that it needs.
"""

_LENS_CAP = StillView(np.zeros((296, 400), np.uint8))


def _arducam_ov2640(services: DeviceServices, wiring: Wiring, entry: PartEntry) -> Part:
    sck, miso, mosi, select, scl, sda, power = entry.pins(
        "sck", "miso", "mosi", "cs", "scl", "sda", "power"
    )
    return ArducamMini2mpPlus.wired(
        wiring,
        services,
        _LENS_CAP,
        spi=SpiPins(sck=sck, miso=miso, mosi=mosi),
        select=select,
        scl=scl,
        sda=sda,
        power=power,
        name=entry.name,
    )


_CATALOGUE: dict[str, PartFactory] = {
    "arducam_ov2640": _arducam_ov2640,
}


def plug_parts(services: DeviceServices, wiring: Wiring, board: Board) -> dict[str, Part]:
    """Makes every part of the board file and connects it.

    Returns:
        The parts by name, in the order of the board file.

    Raises:
        FacetError: a part's type is unknown, its entry lacks a pin, or its name is taken.
    """
    parts: dict[str, Part] = {}
    for entry in board.parts:
        if entry.name in (MCU, *parts):
            raise FacetError(f"{_file(board)}: the name {entry.name!r} is taken by another part")
        parts[entry.name] = _factory(board, entry)(services, wiring, entry)
    for button in board.buttons:
        wiring.net(button.pin).pull(button.name, 1 - button.active)
    return parts


def _file(board: Board) -> str:
    """The board's file, for messages; its name where it comes from no file."""
    return board.source or board.name


def _factory(board: Board, entry: PartEntry) -> PartFactory:
    own = _CATALOGUE.get(entry.type)
    if own is not None:
        return own
    foreign = plugins.load(plugins.PARTS, entry.type)
    if foreign is None:
        known = sorted({*_CATALOGUE, *plugins.names(plugins.PARTS)})
        raise FacetError(
            f"{_file(board)}: [[device]] {entry.name}: the type {entry.type!r} is unknown; "
            f"there are {', '.join(known)}"
        )
    if not callable(foreign):
        raise FacetError(
            f"the entry point {entry.type!r} of {plugins.PARTS!r} must name a function that makes "
            f"a part, not {foreign!r}"
        )
    factory: PartFactory = foreign
    return factory
