"""The catalogue of parts that a board file may name, and how each is plugged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from facet.board.board import Board, Part
from facet.board.wiring import SpiPins, Wiring
from facet.device.arducam_ov2640 import ArducamMini2mpPlus
from facet.device.camera_view import StillView
from facet.device.services import DeviceServices
from facet.errors import FacetError

AnyPart: TypeAlias = ArducamMini2mpPlus
"""Every type of part there is; grows with the catalogue."""

_LENS_CAP = StillView(np.zeros((296, 400), np.uint8))


def _arducam_ov2640(services: DeviceServices, wiring: Wiring, part: Part) -> ArducamMini2mpPlus:
    pin = part.settings
    return ArducamMini2mpPlus.wired(
        wiring,
        services,
        _LENS_CAP,
        spi=SpiPins(sck=pin["sck"], miso=pin["miso"], mosi=pin["mosi"]),
        select=pin["cs"],
        scl=pin["scl"],
        sda=pin["sda"],
        power=pin["power"],
        name=part.name,
    )


_CATALOGUE: dict[str, Callable[[DeviceServices, Wiring, Part], AnyPart]] = {
    "arducam_ov2640": _arducam_ov2640,
}


def plug_parts(services: DeviceServices, wiring: Wiring, board: Board) -> dict[str, AnyPart]:
    """Puts every part of the board file in its place, by name.

    Raises:
        FacetError: a part of unknown type, or one that lacks a pin.
    """
    parts = {}
    for part in board.parts:
        make = _CATALOGUE.get(part.type)
        if make is None:
            raise FacetError(
                f"{board.name}: {part.name} is of the unknown type {part.type!r}; "
                f"there are {', '.join(sorted(_CATALOGUE))}"
            )
        try:
            parts[part.name] = make(services, wiring, part)
        except KeyError as error:
            raise FacetError(
                f"{board.name}: {part.name} ({part.type}) lacks {error.args[0]!r}"
            ) from None
    for button in board.buttons:
        wiring.net(button.pin).pull(button.name, 1 - button.active)
    return parts
