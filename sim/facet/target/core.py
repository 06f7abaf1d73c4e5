"""The capability `Core`: cycles, instructions and place of the processor core."""

from __future__ import annotations

from typing import Protocol

from facet.firmware.elf import SourceLine


class Core(Protocol):
    """Counts the core's cycles and instructions, and locates its program counter."""

    @property
    def engine(self) -> str:
        """What executes, with its version: ``Renode 1.16.1 (Mono)``."""

    @property
    def cycle_count(self) -> str:
        """How cycles are counted: ``pipeline, code and data in flash``."""

    @property
    def counts_cycles(self) -> bool:
        """Whether the cycles can be compared with limits."""

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
