"""What a core in Unicorn adds to the engine's protocol for the profiler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from facet.engine.profiling import ProfiledFunction, RawProfile
from facet.engine.unicorn.cpu import UnicornCpu
from facet.engine.unicorn.native import profiler


class ProfiledCore:
    """A core that counts where its cycles go, see `facet.engine.profiling.ProfilingEngine`."""

    if TYPE_CHECKING:

        @property
        def cpu(self) -> UnicornCpu:
            """The bare core, an attribute of the subclass."""

    def start_profile(self, functions: Sequence[ProfiledFunction]) -> None:
        """Begins to count."""
        profiler.start(self.cpu.native, functions)

    def read_profile(self) -> RawProfile:
        """The counts so far."""
        return profiler.read(self.cpu.native)
