"""The simulator's Cortex-M4 with memory and registers that only store: enough to count cycles.

The programs that are compared were built for boards that Facet has no model of (a NUCLEO-L4R5ZI, a
CC2652). What is compared is the core's time; the board around it is a stand-in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from facet.clock import ClockSignal
from facet.cycles.timing import Timing
from facet.engine.protocol import MemoryRegion
from facet.engine.unicorn.cortex_m.core import CortexM4
from facet.errors import FacetError
from facet.time import PS_PER_S, Time
from facet.timeline import EventQueue, Stop

_SLICE_CYCLES = 2_000_000
_PERIPHERALS = ((0x4000_0000, 0x2000_0000),)


class BenchCore:
    """A core, its memory, and words for registers.

    Args:
        regions: the chip's memory.
        timing: cycles that depend on the memory.
        hz: the core's clock, for SysTick.
        answers: by a register's address, what it reads as, given what was written last.
        on_write: called with address and value of each write to a register.
        extra_windows: (base, size) of registers beside those from 0x4000_0000 on.
    """

    def __init__(
        self,
        regions: Sequence[MemoryRegion],
        timing: Timing,
        hz: int,
        answers: Mapping[int, Callable[[int], int]],
        on_write: Callable[[int, int], None] = lambda _address, _value: None,
        extra_windows: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._hz = hz
        self._answers, self._on_write = answers, on_write
        self._words: dict[int, int] = {}
        self._stop_wanted = False
        self.faults: list[str] = []
        self.events = EventQueue()
        clock = ClockSignal("HCLK", lambda: self.now)
        flash = regions[0]
        self.core = CortexM4(flash.base, flash.size, 96, clock, self.events, timing)
        self.core.listener = self
        self.events.on_change = self.core.reconsider
        clock.set_hz(hz)
        for region in regions:
            self.core.map_memory(region)
        for base, size in (*_PERIPHERALS, *extra_windows):
            self.core.map_io(base, size, self._read, self._write)

    @property
    def now(self) -> Time:
        """Virtual time; the core never sleeps."""
        return Time(self.core.cycles * PS_PER_S // self._hz)

    def stop(self) -> None:
        """Ends `run` at the next block."""
        self._stop_wanted = True
        self.core.reconsider()

    def run(self, most_cycles: int, stop_at: int | None = None) -> None:
        """Runs until `stop` is called or the core is at `stop_at`.

        Raises:
            FacetError: the core locked up, or `most_cycles` were not enough.
        """
        end = self.core.cycles + most_cycles
        while not self._stop_wanted:
            event = self.events.pop_due(self.now)
            if event is not None:
                event.action()
                continue
            if self.core.cycles >= end:
                raise FacetError(f"the program did not end within {most_cycles:,} cycles")
            due = -(-self.events.next_time() * self._hz // PS_PER_S)
            until = min(due, end, self.core.cycles + _SLICE_CYCLES)
            if self.core.run(until) is Stop.LOCKUP:
                raise FacetError(f"the core locked up: {'; '.join(self.faults[:3])}")
            if stop_at is not None and self.core.pc & ~1 == stop_at:
                return
        self._stop_wanted = False

    def start_cycle_counter(self) -> None:
        """Lets DWT_CYCCNT count (DEMCR.TRCENA, DWT_CTRL.CYCCNTENA)."""
        self.core._dwt.set_trace(True)
        self.core._dwt.write(0, 1)

    def word(self, address: int) -> int:
        """A word of memory."""
        return int.from_bytes(self.core.read_memory(address, 4), "little")

    def core_reset_requested(self) -> None:
        """The program asked for a reset: none of these does."""
        self.faults.append("a system reset was requested")
        self.stop()

    def fault(self, rule: str, message: str, pc: int) -> None:
        """The core took a fault."""
        self.faults.append(f"{rule}: {message} at {pc:#x}")

    def _read(self, address: int, size: int) -> int:
        word = address & ~3
        value = self._words.get(word, 0)
        if word in self._answers:
            value = self._answers[word](value)
        return value >> 8 * (address & 3) & (1 << 8 * size) - 1

    def _write(self, address: int, size: int, value: int) -> None:
        word, shift = address & ~3, 8 * (address & 3)
        mask = (1 << 8 * size) - 1 << shift
        self._words[word] = self._words.get(word, 0) & ~mask | value << shift & mask
        self._on_write(word, self._words[word])
