"""What the machine asks of a chip, whichever family it is of."""

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
        """What the core reaches without side effects."""

    @property
    def io_windows(self) -> Sequence[tuple[int, int]]:
        """Base and size of the address ranges that lead to the peripherals."""

    @property
    def bus(self) -> PeripheralBus:
        """The peripherals."""

    @property
    def hclk(self) -> ClockSignal:
        """The core's clock; 0 Hz while it stands still."""

    @property
    def lost_memory(self) -> Sequence[str]:
        """Names of the memories whose contents the latest `reset` destroyed."""

    def factory_contents(self) -> Mapping[int, bytes]:
        """What the maker wrote into read-only memory, by address."""

    def await_debugger(self) -> Time:
        """Makes the next reset one after which a debugger takes over the core.

        Returns:
            How long after that reset it does.
        """

    def reset(self, cause: str) -> Time:
        """Puts the chip into its reset state; gives the time that the core is held for."""

    def enter_low_power(self, sleepdeep: bool) -> str:
        """The core waits: the mode that the chip enters; "run" where it refuses."""

    def lock_up(self) -> None:
        """The core has locked up: it runs no instruction until a reset."""

    def leave_low_power(self) -> Time:
        """The wait ends: how long until the core goes on."""
