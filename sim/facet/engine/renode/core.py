"""What the engine's cores have in common towards the machine, whatever their architecture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import ClassVar

from facet.cycles.parts import Parts
from facet.engine.protocol import EngineInfo, EngineListener
from facet.engine.renode import shared
from facet.engine.renode.blocks import Blocks
from facet.engine.renode.cpu import RenodeCpu
from facet.timeline import Stop


class RenodeCore:
    """Counts, memory and the run of one core, see `facet.engine.protocol.Engine`."""

    CYCLES_PER_INSTRUCTION: ClassVar[Fraction]
    """Cycles where the cycle model is not used."""

    listener: EngineListener
    cpu: RenodeCpu

    def __init__(self) -> None:
        self._parts: Parts | None = None
        self._locked_up = False
        self._code_is_old = False

    def _costed(self) -> Blocks | None:
        """The blocks for the cycle model; None where it is not used."""
        raise NotImplementedError

    def _handle(self, stop: int) -> None:
        """Carries out what the core stopped for: one of STOP_, deadlines and waits left out."""
        raise NotImplementedError

    @property
    def info(self) -> EngineInfo:
        """What executes, and how it counts cycles."""
        each = f"{float(self.CYCLES_PER_INSTRUCTION)} for each instruction"
        return self.cpu.info(each, self._parts)

    @property
    def cycles(self) -> int:
        """Core cycles while awake; up to the access, within one."""
        blocks = self._costed()
        if blocks is not None:
            return blocks.costs.cycles
        return int(self.cpu.instructions * self.CYCLES_PER_INSTRUCTION)

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        return self.cpu.instructions

    @property
    def skipped_instructions(self) -> int:
        """Those of them that a loop in place would have executed."""
        return int(self.cpu.state.skipped)

    def skip_waiting_loops(self, skip: bool) -> None:
        """Ignored: the loops run, but for a branch to itself."""

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of peripherals."""
        self.cpu.map_io(base, size, read, write)

    def register_words(self, count: int) -> memoryview | None:
        """None: every access to a register is carried out in Python."""

    def share_register(
        self,
        address: int,
        word: int,
        visible: int,
        gates: Sequence[tuple[int, int, int]],
        pure: bool,
    ) -> None:
        """Not used, see `register_words`."""
        raise NotImplementedError

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads memory; IndexError where there is none."""
        return self.cpu.read(address, size)

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory; IndexError where there is none."""
        self.cpu.write(address, data)
        region = self.cpu.region_of(address)
        if region is not None and not region.writable:
            self._code_changes()

    def _code_changes(self) -> None:
        """Forgets translated code before the core runs on: a peripheral may change it meanwhile."""
        self._code_is_old = True
        self.cpu.reconsider()

    def run(self, until_cycle: int) -> Stop:
        """Runs instructions and takes exceptions until `until_cycle`, a wait, or a lock-up."""
        if self._code_is_old:
            self._code_is_old = False
            self.cpu.forget_code()
        self.cpu.state.reconsider = 0
        until = until_cycle
        if self._costed() is None:
            until = -int(-until_cycle / self.CYCLES_PER_INSTRUCTION // 1)
        while not self._locked_up:
            stop = self.cpu.run(until)
            if stop == shared.STOP_DEADLINE:
                return Stop.DEADLINE
            if stop == shared.STOP_WAIT:
                return Stop.WAIT
            self._handle(stop)
        return Stop.LOCKUP
