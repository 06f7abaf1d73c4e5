"""Which parts of the cycle model count."""

from __future__ import annotations

from enum import Enum

from facet.errors import FacetError


class Parts(Enum):
    """What a run's cycles take in: `--cycles`."""

    CORE = "core"
    """The pipeline alone: memory as if it never waited."""
    FLASH = "flash"
    """And what executing from flash waits for."""
    FULL = "full"
    """And what data reads from flash wait for."""

    @property
    def text(self) -> str:
        """What counts, for reports."""
        texts = {"core": "pipeline", "flash": "pipeline, code in flash"}
        return texts.get(self.value, "pipeline, code and data in flash")

    @classmethod
    def named(cls, text: str) -> Parts | None:
        """The parts of a name; None where it is empty.

        Raises:
            FacetError: there are none of this name.
        """
        try:
            return cls(text) if text else None
        except ValueError:
            known = ", ".join(part.value for part in cls)
            raise FacetError(f"no cycle count {text!r}: there are {known}") from None
