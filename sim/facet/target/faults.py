"""The capability `Faults`: faults of the hardware, injected and repaired."""

from __future__ import annotations

from typing import Protocol


class Faults(Protocol):
    """Breaks parts of the board and the contents of its flash."""

    def break_part(self, part: str, how: str) -> None:
        """Breaks a part, at once and until `repair_part`.

        Args:
            part: the part's name, such as ``camera``.
            how: one of the part's failures, such as ``removed``.

        Raises:
            FacetError: there is no such part, or it cannot be broken in this way.
        """

    def repair_part(self, part: str) -> None:
        """Ends the failure of a part.

        Raises:
            FacetError: there is no such part, or it cannot be broken.
        """

    def hang(self, function: str) -> None:
        """Changes a word of the flash so that a function loops for ever.

        Args:
            function: its name in the source, namespaces included.

        Raises:
            FacetError: the firmware has no such function, or several.
        """

    def repair_flash(self) -> None:
        """Restores what `hang` changed."""
