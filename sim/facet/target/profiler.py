"""The capability `Profiler`: where the cycles of a target go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from facet.profile.analyse import Analysis
from facet.profile.phases import Phase
from facet.profile.result import Profile


class Profiler(Protocol):
    """Counts cycles by function, line, phase, operator, interrupt and cause."""

    def start(self, phases: Sequence[Phase] | None = None) -> None:
        """Begins to count; best before the board runs, so that each call is seen from its begin.

        Args:
            phases: what the program's phases are; None for those of Facet's own firmware, or one
                that `main` begins in another.

        Raises:
            FacetError: a phase has a function that the firmware lacks, or the engine cannot count.
        """

    def check(self, functions: Sequence[str]) -> None:
        """Does nothing but raise for functions that the firmware does not have.

        Raises:
            FacetError: it lacks one; the message has the nearest names. In a firmware without
                symbols a function has an address for a name.
        """

    @property
    def is_on(self) -> bool:
        """Whether `start` was called."""

    def analyse(self) -> Analysis:
        """The counts so far, with names.

        Raises:
            FacetError: `start` was not called.
        """

    def profile(
        self, run: Mapping[str, Any] | None = None, linker_map: Path | None = None, **more: Any
    ) -> Profile:
        """The profile so far.

        Args:
            run: what ran, for the profile's head; None for what the target knows.
            linker_map: the linker's map of the firmware; None for the one beside the firmware.
            more: further attributes of `Profile`.

        Raises:
            FacetError: `start` was not called, or the map is not that of the firmware.
        """
