"""The capability `Buttons`: the buttons of a target."""

from __future__ import annotations

from typing import Protocol


class Buttons(Protocol):
    """Presses buttons.

    All methods raise FacetError where the board has no such button; the message names those that
    there are.
    """

    def check(self, button: str) -> None:
        """Raises an error for a button that does not exist."""

    def press(self, button: str) -> None:
        """Presses a button and holds it."""

    def release(self, button: str) -> None:
        """Releases a button."""
