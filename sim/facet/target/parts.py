"""The capability `Parts`: the models of the parts around the chip."""

from __future__ import annotations

from typing import Protocol, TypeVar

PartT = TypeVar("PartT")


class Parts(Protocol):
    """Gives access to the parts of a simulated board, each by a protocol that it implements."""

    def part(self, name: str, kind: type[PartT]) -> PartT:
        """A part of the board.

        Args:
            name: its name in the board file.
            kind: the protocol that it must implement, such as `facet.device.camera.Camera`.

        Raises:
            FacetError: there is no such part, or it does not implement the protocol.
        """
