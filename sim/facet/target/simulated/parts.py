"""The parts of a simulated board."""

from __future__ import annotations

from typing import TypeVar

from facet.errors import FacetError
from facet.machine import Machine

PartT = TypeVar("PartT")


class SimulatedParts:
    """Finds the models of parts; see `facet.target.parts.Parts`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def part(self, name: str, kind: type[PartT]) -> PartT:
        """A part by its name and the protocol that it implements."""
        board = self._machine.board
        found = self._machine.parts.get(name)
        if found is None:
            have = ", ".join(self._machine.parts) or "none"
            raise FacetError(f"{board.title} has no part {name!r}; it has {have}")
        if not isinstance(found, kind):
            entry = next(entry for entry in board.parts if entry.name == name)
            raise FacetError(f"{name} ({entry.type}) is not a {kind.__name__}")
        return found
