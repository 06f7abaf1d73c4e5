"""The interface of a chip for the machine, the same for all families."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from facet.chip.bus import PeripheralBus
from facet.clock import ClockSignal
from facet.engine.protocol import MemoryRegion
from facet.time import Time


class Chip(Protocol):
    """A microcontroller without its core."""

    on_reset_request: Callable[[str], None]
    """Called with a cause when the chip wants `reset` to be called."""

    @property
    def memory(self) -> Sequence[MemoryRegion]:
        """The memories, which the core accesses without side effects."""

    @property
    def io_windows(self) -> Sequence[tuple[int, int]]:
        """Base and size of the address ranges that lead to the peripherals."""

    @property
    def bus(self) -> PeripheralBus:
        """The peripherals."""

    @property
    def hclk(self) -> ClockSignal:
        """The core's clock; 0 Hz while it is stopped."""

    @property
    def interrupt_names(self) -> Mapping[int, str]:
        """The inputs of the interrupt controller by number: NVIC positions, or sources."""

    @property
    def lost_memory(self) -> Sequence[str]:
        """Names of the memories whose contents the latest `reset` destroyed."""

    def factory_contents(self) -> Mapping[int, bytes]:
        """The contents of read-only memory that the maker wrote, by address."""

    def await_debugger(self) -> Time:
        """Makes the next reset one after which a debugger takes over the core.

        Returns:
            How long after that reset it does.
        """

    def reset(self, cause: str) -> Time:
        """Puts the chip into its reset state; returns how long the core stays in reset."""

    def enter_low_power(self, sleepdeep: bool) -> str:
        """The core waits: the mode that the chip enters; "run" where it refuses."""

    def lock_up(self) -> None:
        """The core has locked up: it runs no instruction until a reset."""

    def leave_low_power(self) -> Time:
        """Ends the wait; returns the time until the core resumes."""
