"""The capability `Core`: cycles, instructions and place of the processor core."""

from __future__ import annotations

from typing import Protocol

from facet.firmware.elf import SourceLine


class Core(Protocol):
    """Counts the core's cycles and instructions, and locates its program counter."""

    @property
    def cycles(self) -> int:
        """Core cycles since power-on in which the core was awake."""

    @property
    def instructions(self) -> int:
        """Instructions since power-on."""

    @property
    def where(self) -> SourceLine:
        """The line of the firmware's source that the core is at."""

    @property
    def locked_up(self) -> bool:
        """Whether the core has locked up at any time since power-on."""
