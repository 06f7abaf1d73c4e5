"""The buttons of a simulated board."""

from __future__ import annotations

from facet.board.board import Indicator
from facet.errors import FacetError
from facet.machine import Machine


class SimulatedButtons:
    """Drives the nets at the buttons' pins; see `facet.target.buttons.Buttons`."""

    def __init__(self, machine: Machine) -> None:
        self._board = machine.board
        self._wiring = machine.wiring

    def check(self, button: str) -> None:
        """Raises for a button that does not exist."""
        self._find(button)

    def press(self, button: str) -> None:
        """Presses a button."""
        found = self._find(button)
        self._wiring.net(found.pin).drive(button, found.active)

    def release(self, button: str) -> None:
        """Releases a button; its pull-up or pull-down takes over."""
        self._wiring.net(self._find(button).pin).drive(button, None)

    def _find(self, name: str) -> Indicator:
        for button in self._board.buttons:
            if button.name == name:
                return button
        have = ", ".join(button.name for button in self._board.buttons) or "none"
        raise FacetError(f"{self._board.title} has no button {name!r}; it has {have}")
