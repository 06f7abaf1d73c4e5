"""The ESP32-C3's core: Renode's instructions with the chip's traps and bus rules around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from facet.cycles.parts import Parts
from facet.cycles.rv32imc import describe
from facet.engine.protocol import OFF_BUS, MemoryRegion
from facet.engine.renode import shared
from facet.engine.renode.core import RenodeCore
from facet.engine.renode.cpu import RenodeCpu
from facet.engine.renode.loading import Renode
from facet.engine.renode.riscv.blocks import Rv32Blocks
from facet.engine.rv32 import core as rv32
from facet.engine.rv32.buses import DATA_BUS, DATA_FLASH, INSTRUCTION_BUS
from facet.engine.rv32.core import Rv32Traps
from facet.isa.rv32 import SP, Instruction, decode
from facet.timeline import Stop

_NUMBERS: Final = {
    **{f"X{n}": n for n in range(32)},
    "PC": 32,
    "MSTATUS": 833,
    "MSCRATCH": 897,
    "MEPC": 898,
    "MCAUSE": 899,
    "MTVAL": 900,
    "PRIV": 4161,
}
"""Renode's numbers of registers."""

_ACCESSES: Final = {
    shared.READ: rv32.READ,
    shared.WRITE: rv32.WRITE,
    shared.EXECUTE: rv32.FETCH,
}


class _Registers:
    """The registers by name, see `facet.engine.rv32.core.Registers`."""

    def __init__(self, cpu: RenodeCpu) -> None:
        self._get, self._set = cpu.get, cpu.set

    def __getitem__(self, register: str) -> int:
        return int(self._get(_NUMBERS[register]))

    def __setitem__(self, register: str, value: int) -> None:
        self._set(_NUMBERS[register], value & 0xFFFF_FFFF)


class RenodeRv32(RenodeCore, Rv32Traps):
    """One core, a `facet.engine.protocol.Rv32Engine`.

    Args:
        reset_vector: where the core starts after `reset`.
    """

    CYCLES_PER_INSTRUCTION = Fraction(31, 20)
    """Cycles where the cycle model is not used: the mean over a decision of facet-small.

    FIDELITY:
        model: In Renode without `--cycles`, each instruction takes 1.55 cycles.
        silicon: The cycles depend on the instruction, the branch and the flash's cache, as in
            facet.cycles.rv32imc.
        hides: The time that code takes, and the order of events that are closer than that error.
    """

    def __init__(self, reset_vector: int) -> None:
        def make(renode: Renode, machine: Any, state: int) -> Any:
            return renode.shim("FacetRiscV32", machine, state)

        self.reset_vector = reset_vector
        self.route_interrupt: Callable[[int, bool], None] = lambda _source, _active: None
        self._blocks: Rv32Blocks | None = None
        self._cached: Sequence[range] = ()
        self._windows: list[MemoryRegion] = []
        self._new_windows: Callable[[], Sequence[MemoryRegion]] | None = None
        self._flash_is_new = False
        self._line_fill_cycles = 0
        self.cpu = RenodeCpu(make, self._find_site)
        self._state = self.cpu.state
        self._enter = self.cpu.function("enter_trap")
        self._count_carried_out = self.cpu.function("count_carried_out")
        self._set_mtvec = self.cpu.function("set_mtvec")
        RenodeCore.__init__(self)
        Rv32Traps.__init__(self, _Registers(self.cpu), self.cpu)
        self._can_run = self.cpu.function("can_run")
        self.reconsider = self.cpu.reconsider

    # -- the engine's protocol
    def _costed(self) -> Rv32Blocks | None:
        return self._blocks

    @property
    def pc(self) -> int:
        """The instruction under way."""
        return int(self._state.pc if self._state.in_access else self._registers["PC"])

    @property
    def sleep_deep(self) -> bool:
        """Never: the chip's sleep modes are entered by RTC_CNTL, see `hold`."""
        return False

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory; what the bus at its addresses does not do is a memory fault."""
        access = shared.READ | shared.EXECUTE | (shared.WRITE if region.writable else 0)
        if region.base in DATA_BUS:
            access &= ~shared.EXECUTE
        elif region.base in INSTRUCTION_BUS:
            access = shared.EXECUTE
        self.cpu.map_memory(region, access)

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an input of the interrupt matrix: a source, by its number in the TRM, 8.3.1."""
        self.route_interrupt(line, active)

    def offer_interrupt(self, number: int) -> None:
        """The matrix says which CPU interrupt (1 to 31) is to be taken; 0: none."""
        self._state.offered = number

    def start(self, entry: int, stack: int | None) -> None:
        """A debugger starts the core at `entry`."""
        if stack is not None:
            self._registers[f"X{SP}"] = stack
        self._registers["PC"] = entry
        self._code_changed()

    def reset(self, caught: bool = False) -> None:
        """System reset: registers and traps; the matrix and the memories are the chip's."""
        del caught  # the ROM at the reset vector is always there
        self.cpu.function("reset")()
        self._registers["PC"] = self.reset_vector
        self._code_changed()
        self._reset_traps()

    @property
    def can_run(self) -> bool:
        """Whether the core executes; an offered interrupt ends WFI, even while mstatus.MIE=0."""
        return not self._locked_up and bool(self._can_run())

    def end_wait(self) -> None:
        """Ends the wait."""
        self._state.waiting = 0

    def refuse_wait(self) -> None:
        """The chip ignores the wait: the core goes on."""
        self._state.waiting = self._state.held = 0

    def _handle(self, stop: int) -> None:
        if stop == shared.STOP_MEMORY:
            access = _ACCESSES[int(self._state.fault_access)]
            address = int(self._state.fault_address)
            if not self._follow_mapping():
                self._memory_fault(address, access)
            elif access == rv32.FETCH:
                self._registers["PC"] = address  # what the instruction before has mapped
        elif stop in (shared.STOP_TRAP, shared.STOP_SITE):
            if stop == shared.STOP_SITE:
                self._count_carried_out()
            self._carry_out(self._instruction())
        else:
            raise AssertionError(f"Renode stopped with {self._state.trap:#x}")

    def set_cycle_parts(self, parts: Parts) -> None:
        """Counts cycles by the cycle model; called before the core has run."""
        if self._blocks is None:
            self._blocks = Rv32Blocks(DATA_FLASH, self.cpu.code, self._has_site, self.cpu.fail)
            self.cpu.count_cycles(self._blocks.costs)
            self.set_flash_cache(self._cached, self._line_fill_cycles)
        self._parts = parts
        self._blocks.costs.model.set_parts(parts)

    # -- what the chip asks for besides
    @property
    def held(self) -> bool:
        """Whether `hold` stopped the core."""
        return bool(self._state.held)

    def hold(self) -> None:
        """Stops the core behind its instruction, as for a sleep entered by a register."""
        self._state.held = 1

    def release(self) -> None:
        """Lets a held core go on."""
        self._state.held = 0

    def set_flash_cache(self, windows: Sequence[range], line_fill_cycles: int) -> None:
        """Code in `windows` is fetched through the flash cache.

        Args:
            windows: addresses.
            line_fill_cycles: what a miss costs; see facet.cycles.rv32imc.line_fill_cycles.
        """
        self._cached, self._line_fill_cycles = windows, line_fill_cycles
        if self._blocks is None:
            return
        if windows != self._blocks.cached:
            self._blocks.cached = windows
            self._blocks.costs.forget()
        self._blocks.costs.model.set_line_fill(line_fill_cycles)

    def remap(self, windows: Callable[[], Sequence[MemoryRegion]]) -> None:
        """Shows other pieces of memory in the chip's windows before the core runs on."""
        self._new_windows = windows
        self.reconsider()

    def _follow_mapping(self) -> bool:
        """Carries out the latest `remap`; returns whether there was one."""
        windows, self._new_windows = self._new_windows, None
        if windows is None:
            return False
        for old in self._windows:
            self.cpu.unmap_memory(old)
        self._windows = list(windows())
        for new in self._windows:
            self.map_memory(new)
        self._code_changed()
        return True

    def run(self, until_cycle: int) -> Stop:
        """Runs instructions and takes traps until `until_cycle`, a wait, or a lock-up."""
        self._follow_mapping()
        return super().run(until_cycle)

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory; IndexError where there is none. In flash, code after a cache flush."""
        if address >= OFF_BUS:
            self.cpu.write(address, data)
            self._flash_is_new = True
        else:
            super().write_memory(address, data)

    def flush_flash_cache(self) -> None:
        """Empties the flash cache (EXTMEM_ICACHE_SYNC): what was programmed is code from now on."""
        if self._blocks is not None:
            self._blocks.costs.model.flush_cache()
        if self._flash_is_new:
            self._flash_is_new = False
            self._code_changes()

    # -- what the traps ask of the core
    def _instruction(self) -> Instruction:
        code = self.cpu.code(self._registers["PC"], 4)
        return decode(int.from_bytes(code, "little"))

    def _enter_trap(self, cause: int, value: int, vector: int) -> None:
        self._enter(cause, value, vector)

    def _mtvec_changed(self, mtvec: int) -> None:
        self._set_mtvec(mtvec)

    def _code_changed(self) -> None:
        self.cpu.forget_code()

    def _find_site(self, address: int, site: shared.Site) -> None:
        site.kind, site.size = self._site(address)
        site.longest = 1
        if self._blocks is not None and site.kind == shared.SITE_NONE:
            site.longest = self._blocks.longest(address)

    def _has_site(self, address: int) -> bool:
        return self._site(address)[0] != shared.SITE_NONE

    def _site(self, address: int) -> tuple[int, int]:
        code = self.cpu.code(address, 4)
        if code and code[0] & 3 != 3:
            code = code[:2]
        return _site_kind(code, address), len(code)


@lru_cache(maxsize=65536)  # shared by all cores and kept between boots
def _site_kind(code: bytes, address: int) -> int:
    """What is to be done at an instruction before Renode carries it out."""
    block = describe(code, address)
    if block.sites:
        return shared.SITE_PYTHON
    return shared.SITE_SETTLE if block.may_unmask else shared.SITE_NONE
