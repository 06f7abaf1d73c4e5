"""The ESP32-C3's core: Unicorn's instructions with the chip's traps and bus rules around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from facet.cycles.parts import Parts
from facet.engine.protocol import EngineInfo, MemoryRegion
from facet.engine.rv32.buses import DATA_BUS, DATA_FLASH, INSTRUCTION_BUS
from facet.engine.rv32.core import FETCH, MACHINE, READ, WRITE, Rv32Traps
from facet.engine.unicorn import native
from facet.engine.unicorn.cpu import info
from facet.engine.unicorn.profiled import ProfiledCore
from facet.engine.unicorn.riscv.cpu import Rv32Cpu
from facet.isa.rv32 import SP, Instruction
from facet.timeline import Stop

_WRITES = frozenset({20, 22})  # Unicorn's UC_MEM_WRITE_UNMAPPED, UC_MEM_WRITE_PROT
_FETCHES = frozenset({21, 24})
_TRAP_ERROR = 0x100  # an error of Unicorn's: the PC is on the instruction


class Rv32Core(ProfiledCore, Rv32Traps):
    """One core, a `facet.engine.protocol.Rv32Engine`.

    The interrupt matrix is the chip's: `set_interrupt` passes a peripheral's source on to
    `route_interrupt`, and the matrix answers by `offer_interrupt` with the CPU interrupt that comes
    first by enables, priorities and threshold.

    Args:
        reset_vector: where the core starts after `reset`.
    """

    def __init__(self, reset_vector: int) -> None:
        self.reset_vector = reset_vector
        self.route_interrupt: Callable[[int, bool], None] = lambda _source, _active: None
        """Called with a source's number and level; the chip's interrupt matrix."""
        self.cpu: Rv32Cpu = Rv32Cpu(INSTRUCTION_BUS, DATA_BUS, DATA_FLASH)
        super().__init__(self.cpu, self.cpu.memory)
        self._core = self.cpu.core
        self._parts = Parts.FULL
        self.reconsider = self.cpu.reconsider

    # -- the engine's protocol
    @property
    def info(self) -> EngineInfo:
        """What executes, and how it counts cycles."""
        return info(self._parts)

    @property
    def cycles(self) -> int:
        """Core cycles while awake; up to the access, within one."""
        return self.cpu.cycles

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        return int(self._core.instructions)

    @property
    def skipped_instructions(self) -> int:
        """Those of them that a waiting loop would have executed, see `skip_waiting_loops`."""
        return int(self._core.skipped_instructions)

    def skip_waiting_loops(self, skip: bool) -> None:
        """Counts the rounds of loops that only wait without running them, or runs them all."""
        self._core.skip_spinning = skip

    @property
    def pc(self) -> int:
        """The instruction under way."""
        return self.cpu.pc

    @property
    def sleep_deep(self) -> bool:
        """Never: the chip's sleep modes are entered by RTC_CNTL, see `hold`."""
        return False

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory."""
        self.cpu.map_memory(region)

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of peripherals."""
        self.cpu.map_io(base, size, read, write, shared=True)

    def register_words(self, count: int) -> memoryview:
        """Memory from which the native part reads registers."""
        return self.cpu.register_words(count)

    def share_register(
        self,
        address: int,
        word: int,
        visible: int,
        gates: Sequence[tuple[int, int, int]],
        pure: bool,
    ) -> None:
        """Lets the native part read a register."""
        self.cpu.share_register(address, word, visible, gates, pure)

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads memory; IndexError where there is none."""
        return self.cpu.memory.read(address, size)

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory; IndexError where there is none."""
        self.cpu.write_memory(address, data)

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an input of the interrupt matrix: a source, by its number in the TRM, 8.3.1."""
        self.route_interrupt(line, active)

    def offer_interrupt(self, number: int) -> None:
        """The matrix says which CPU interrupt (1 to 31) is to be taken; 0: none."""
        self._core.offered = number
        self._core.masked = bool(number)
        self._core.attention |= bool(number)

    def reset(self, caught: bool = False) -> None:
        """System reset: registers and traps; the matrix and the memories are the chip's."""
        del caught  # the ROM at the reset vector is always there
        cpu = self.cpu
        cpu["PRIV"] = MACHINE
        for register in ("MSTATUS", "MSCRATCH", "MEPC", "MCAUSE", "MTVAL"):
            cpu[register] = 0
        for n in range(1, 32):
            cpu[f"X{n}"] = 0
        cpu["PC"] = self.reset_vector
        cpu.native.call("branch_breaks")
        cpu.native.call("profile_reset")
        cpu.code_changed()
        self.flush_flash_cache()
        self._reset_traps()
        self._core.waiting = self._core.held = 0

    def start(self, entry: int, stack: int | None) -> None:
        """A debugger starts the core at `entry`."""
        if stack is not None:
            self.cpu[f"X{SP}"] = stack
        self.cpu["PC"] = entry
        self.cpu.native.call("branch_breaks")
        self.cpu.code_changed()

    @property
    def can_run(self) -> bool:
        """Whether the core executes; an offered interrupt ends WFI, even while mstatus.MIE=0."""
        return not self._locked_up and bool(self.cpu.native.call("can_run"))

    def end_wait(self) -> None:
        """Ends the wait."""
        self._core.waiting = 0

    def refuse_wait(self) -> None:
        """The chip ignores the wait: the core goes on."""
        self._core.waiting = self._core.held = 0

    def run(self, until_cycle: int) -> Stop:
        """Runs instructions and takes traps until `until_cycle`, a wait, or a lock-up."""
        self.cpu.follow_mapping()
        self._core.reconsider = 0
        while not self._locked_up:
            stop = self.cpu.run(until_cycle)
            if stop == native.STOP_DEADLINE:
                return Stop.DEADLINE
            if stop == native.STOP_WAIT:
                return Stop.WAIT
            if stop == native.STOP_MEMORY:
                address, kind = int(self._core.fault_address), int(self._core.fault_kind)
                access = WRITE if kind in _WRITES else FETCH if kind in _FETCHES else READ
                if not self.cpu.follow_mapping():
                    self._memory_fault(address, access)
                elif access == FETCH:
                    self.cpu["PC"] = address  # what the block before has mapped
            else:
                if stop == native.STOP_TRAP and self._core.trap != _TRAP_ERROR:
                    self.cpu.step_back_to_trap()
                self._carry_out(self.cpu.instruction())
        return Stop.LOCKUP

    # -- what the chip asks for besides
    @property
    def held(self) -> bool:
        """Whether `hold` stopped the core."""
        return bool(self._core.held)

    def hold(self) -> None:
        """Stops the core at the end of its block, as for a sleep entered by a register."""
        self._core.held = 1
        self._core.attention = 1

    def release(self) -> None:
        """Lets a held core go on."""
        self._core.held = 0

    def set_flash_cache(self, windows: Sequence[range], line_fill_cycles: int) -> None:
        """Code in `windows` is fetched through the flash cache.

        Args:
            windows: addresses.
            line_fill_cycles: what a miss costs; see facet.cycles.rv32imc.line_fill_cycles.
        """
        self.cpu.set_cached(windows)
        self.cpu.model.set_line_fill(line_fill_cycles)

    def set_cycle_parts(self, parts: Parts) -> None:
        """Chooses what the cycle count takes in."""
        self._parts = parts
        self.cpu.model.set_parts(parts)

    def remap(self, windows: Callable[[], Sequence[MemoryRegion]]) -> None:
        """Shows other pieces of memory in the chip's windows from the next basic block on."""
        self.cpu.remap(windows)

    def flush_flash_cache(self) -> None:
        """Empties the flash cache (EXTMEM_ICACHE_SYNC)."""
        self.cpu.flush_flash_cache()

    # -- what the traps ask of the core
    def _instruction(self) -> Instruction:
        return self.cpu.instruction()

    def _enter_trap(self, cause: int, value: int, vector: int) -> None:
        self.cpu.native.call("rv_enter_trap", cause, value, vector)

    def _mtvec_changed(self, mtvec: int) -> None:
        self._core.mtvec = mtvec

    def _code_changed(self) -> None:
        self.cpu.code_changed()
