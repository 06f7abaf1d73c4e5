"""The contract of a CPU engine: what the machine and the chips ask of whatever runs underneath.

`Engine` is what every core has; `CortexMEngine` and `Rv32Engine` add what only that architecture
has. An engine executes instructions and takes exceptions; the chip around the core is not its
concern.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from facet.clock import ClockSignal
from facet.cycles.parts import Parts
from facet.timeline import EventQueue, Stop

OFF_BUS = 1 << 32
"""The first address that no core can access: memories outside of the cores' buses begin there."""


@dataclass(frozen=True)
class MemoryRegion:
    """A piece of the chip's memory map that the core reaches without side effects.

    Args:
        name: as in the manual.
        base, size: in bytes; multiples of 4 KB. From `OFF_BUS` on, a memory that the core reaches
            by its aliases only.
        writable: False for flash and ROM.
        alias_of: an address in the region whose bytes, from there on, appear here too, or None.
    """

    name: str
    base: int
    size: int
    writable: bool
    alias_of: int | None = None


class EngineListener(Protocol):
    """Receives what an engine reports."""

    def core_reset_requested(self) -> None:
        """The core asked for a system reset (AIRCR.SYSRESETREQ)."""

    def fault(self, rule: str, message: str, pc: int) -> None:
        """The core took a fault, or did something the silicon would not: a named diagnostic."""


class Engine(Protocol):
    """A CPU core with its interrupt inputs and memories."""

    listener: EngineListener

    @property
    def cycles(self) -> int:
        """Core cycles since power-on in which the core was awake; up to the access, within one."""

    @property
    def instructions(self) -> int:
        """Instructions executed since power-on."""

    def skip_waiting_loops(self, skip: bool) -> None:
        """Counts the rounds of loops that only wait without running them, or runs them all.

        Nothing else is different; an engine that always runs them ignores this.
        """

    @property
    def pc(self) -> int:
        """Address of the instruction under way; of the one that accesses, within an access."""

    @property
    def sleep_deep(self) -> bool:
        """Whether the core asked for deep sleep when it waits."""

    @property
    def can_run(self) -> bool:
        """Whether the core executes, or an interrupt or event is there that ends its wait."""

    def end_wait(self) -> None:
        """Ends the wait of a core that can run; uses up the event that ended it."""

    def refuse_wait(self) -> None:
        """The core goes on behind its WFI: the chip does not enter the mode that was asked for."""

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

    def register_words(self, count: int) -> memoryview | None:
        """Memory for `count` 32-bit words, from which the engine can read registers by itself.

        Returns:
            A view of format "I"; None where the engine cannot do that.
        """

    def share_register(
        self,
        address: int,
        word: int,
        visible: int,
        gates: Sequence[tuple[int, int, int]],
        pure: bool,
    ) -> None:
        """Lets the engine read a register from shared memory.

        Args:
            address: of the register.
            word: index of its value.
            visible: bits that read as they are stored; the others read as 0.
            gates: words, masks and values, two at most, that must match; else `read` is called.
            pure: the word holds what `read` gave last, which stays true until an event fires or a
                register is accessed that is not shared; False: the word is always true.
        """

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an interrupt input."""

    def reset(self, caught: bool = False) -> None:
        """System reset: registers and interrupt controller, not memory.

        Args:
            caught: a debugger holds the core before its first instruction, and calls `start`.
        """

    def start(self, entry: int, stack: int | None) -> None:
        """A debugger starts the core at another place.

        Args:
            entry: address of the next instruction.
            stack: for the stack pointer; None leaves it.
        """

    def run(self, until_cycle: int) -> Stop:
        """Runs up to the cycle `until_cycle` or a little over, to the end of a basic block."""

    def set_cycle_parts(self, parts: Parts) -> None:
        """Chooses what the cycle count takes in; everything at first."""

    def reconsider(self) -> None:
        """Makes `run` return at the next basic block: called when an event was planned."""


class CortexMEngine(Engine, Protocol):
    """A Cortex-M core."""

    def send_event(self) -> None:
        """Sets the core's event register, as an EXTI line in event mode does."""

    def set_flash_timing(
        self, wait_states: int, code_cache: bool, data_cache: bool, prefetch: bool
    ) -> None:
        """The flash interface has other settings from now on (FLASH_ACR).

        Args:
            wait_states: HCLK cycles that a read of the flash takes besides the first.
            code_cache: whether the instruction cache is on.
            data_cache: whether the data cache is on.
            prefetch: whether the next 64 bits of code are read ahead.
        """

    def set_bridge(self, number: int, base: int, size: int, wait_cycles: int) -> None:
        """Places a bus that an access waits for, such as APB1.

        Args:
            number: 0 or 1, which of them.
            base, size: its addresses.
            wait_cycles: HCLK cycles that an access takes more than one to the core's own bus.
        """

    def flush_flash_caches(self, code: bool, data: bool) -> None:
        """Empties the instruction cache, the data cache or both (FLASH_ACR.ICRST, DCRST)."""


class Rv32Engine(Engine, Protocol):
    """An RV32 core whose interrupt controller, the ESP32-C3's interrupt matrix, is the chip's."""

    route_interrupt: Callable[[int, bool], None]
    """Receives `set_interrupt`: a source's number and level."""

    why_unmapped: Callable[[int], tuple[str, str] | None]
    """Gives the rule that an access to an address without memory breaks, and the reason, where the
    chip knows one."""

    describe_hole: Callable[[int], str | None]
    """Gives the reason why memory has no code at an address, where the chip knows one."""

    def offer_interrupt(self, number: int) -> None:
        """The CPU interrupt (1 to 31) that comes first by enables, priorities and threshold.

        Args:
            number: of the interrupt; 0 for none.
        """

    def hold(self) -> None:
        """Stops the core at the end of its block, as for a sleep entered by a register."""

    def release(self) -> None:
        """Lets a held core go on."""

    def set_flash_cache(self, windows: Sequence[range], line_fill_cycles: int) -> None:
        """Code in `windows` is fetched through the flash cache.

        Args:
            windows: addresses.
            line_fill_cycles: core cycles that a miss costs.
        """

    def flush_flash_cache(self) -> None:
        """Empties the flash cache."""

    def remap(self, windows: Callable[[], Sequence[MemoryRegion]]) -> None:
        """Shows other pieces of memory at addresses of the core's buses.

        Args:
            windows: gives the pieces, in place of those of the last call; called later, once for
                several changes.
        """


class EngineFactory(Protocol):
    """Makes the cores of one engine."""

    def cortex_m4(
        self,
        flash_base: int,
        flash_size: int,
        interrupts: int,
        hclk: ClockSignal,
        events: EventQueue,
    ) -> CortexMEngine:
        """A Cortex-M4F.

        Args:
            flash_base, flash_size: the memory whose fetches wait for the flash interface, bytes.
            interrupts: the number of NVIC inputs that the chip has.
            hclk: the core's clock.
            events: the board's event queue.
        """

    def rv32imc(self, reset_vector: int) -> Rv32Engine:
        """An RV32IMC core.

        Args:
            reset_vector: where the core starts after `reset`.
        """
