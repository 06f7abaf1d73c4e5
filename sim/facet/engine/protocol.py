"""What the machine asks of a CPU engine, whichever runs underneath."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Stop(Enum):
    """Why an engine gave control back."""

    DEADLINE = "deadline"  # the cycle it was to run to has come, or an event may be due
    WAIT = "wait"  # the core waits for an interrupt (WFI) or an event (WFE)
    LOCKUP = "lockup"  # the core is locked up; only a reset helps


@dataclass(frozen=True)
class MemoryRegion:
    """A piece of the chip's memory map that the core reaches without side effects.

    Args:
        name: as in the manual.
        base, size: in bytes; multiples of 4 KB.
        writable: False for flash and ROM.
        alias_of: base of the region whose bytes appear here too, or None.
    """

    name: str
    base: int
    size: int
    writable: bool
    alias_of: int | None = None


class EngineListener(Protocol):
    """What an engine tells the machine."""

    def core_reset_requested(self) -> None:
        """The core asked for a system reset (AIRCR.SYSRESETREQ)."""

    def fault(self, rule: str, message: str, pc: int) -> None:
        """The core took a fault, or did something the silicon would not: a named diagnostic."""


class Engine(Protocol):
    """A CPU core with its interrupt controller."""

    listener: EngineListener

    @property
    def cycles(self) -> int:
        """Core cycles since power-on in which the core was awake."""

    @property
    def instructions(self) -> int:
        """Instructions executed since power-on."""

    @property
    def pc(self) -> int:
        """Address of the instruction under way, as near as the engine knows it."""

    @property
    def sleep_deep(self) -> bool:
        """Whether the core asked for deep sleep when it waits."""

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory."""

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of peripherals: read(address, size), write(address, size, value)."""

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads memory as a bus master other than the core does.

        Raises:
            IndexError: no memory lies there.
        """

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory, read-only regions included (a programmer does that).

        Raises:
            IndexError: no memory lies there.
        """

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an interrupt input."""

    def wake(self) -> bool:
        """Ends a wait when an interrupt or event calls for it; False when the core sleeps on."""

    def refuse_wait(self) -> None:
        """The core goes on behind its WFI: the chip does not enter the mode that was asked for."""

    def send_event(self) -> None:
        """Sets the core's event register, as an EXTI event line does."""

    def reset(self) -> None:
        """System reset: registers and interrupt controller, not memory."""

    def run(self, until_cycle: int) -> Stop:
        """Runs up to the cycle `until_cycle` or a little over, to the end of a basic block."""

    def reconsider(self) -> None:
        """Makes `run` return at the next basic block: called when an event was planned."""

    def locate_access(self, address: int, write: bool) -> int:
        """The address of the instruction that is accessing `address` right now, or `pc`."""
