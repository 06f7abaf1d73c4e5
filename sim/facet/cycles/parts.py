"""Which parts of the cycle model count."""

from __future__ import annotations

from enum import Enum


class Parts(Enum):
    """What a run's cycles take in: `--cycles`."""

    CORE = "core"
    """The pipeline alone: memory as if it never waited."""
    FLASH = "flash"
    """And what executing from flash waits for."""
    FULL = "full"
    """And what data reads from flash wait for."""
