"""A board put together and run: the chip, its core, the parts around it, and virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from facet.board.board import Board
from facet.board.wiring import Wiring
from facet.chip import catalog
from facet.chip.peripheral import BusError
from facet.cycles.parts import Parts
from facet.device.catalog import plug_parts
from facet.device.terminal import Terminal
from facet.diagnostics import Diagnostics, Violation
from facet.engine import engines
from facet.engine.profiling import ProfiledFunction, ProfilingEngine, RawProfile
from facet.engine.protocol import EngineInfo, MemoryRegion
from facet.errors import FacetError
from facet.firmware.elf import Segment, SourceLine
from facet.firmware.flat import load
from facet.firmware.placement import RamStart
from facet.state import State
from facet.time import Time
from facet.timeline import ClockState, Event, Stop, Timeline
from facet.trace import StateTrace

DEFAULT_SEED = 1


class Machine:
    """A board with power applied and a firmware in its flash.

    FIDELITY:
        model: An event, and an interrupt that it raises, comes at the end of a basic block of less
            than 32 cycles, or before the right instruction of a longer block.
        silicon: Interrupts are taken between any two instructions.
        hides: Interrupts that are shifted by up to 0.4 us at 80 MHz.

    Args:
        board: the board.
        firmware: an ELF file for its chip, or a flat image of its flash.
        engine: the CPU engine's name, see `facet.engine.engines`.
        cycles: what the cycle count takes in; None: what the engine does where it is not asked.
        seed: what the chip's random number generator starts from.

    Raises:
        FacetError: the board's chip or the engine is unknown, or the firmware does not fit it.
    """

    def __init__(
        self,
        board: Board,
        firmware: Path,
        engine: str = engines.DEFAULT,
        cycles: Parts | None = None,
        seed: int = DEFAULT_SEED,
    ) -> None:
        kind = catalog.kind(board)
        self.board = board
        self.seed = seed
        self.firmware = load(firmware, kind.elf_machine, board.chip)
        self.diagnostics = Diagnostics()
        self.trace = StateTrace()
        self.wiring = Wiring()
        self._timeline = Timeline()
        self._engine_name = engine
        self._clock_log: list[ClockState] = []
        self._reported: dict[tuple[str, str, int], Violation] = {}
        for pin, other in board.bridges:
            self.wiring.bridge(pin, other)
        self.chip, self._engine = kind.build(
            self, self.wiring, board, self._timeline.events, engines.select(engine)
        )
        self._engine.listener = self
        if cycles is not None:
            self._engine.set_cycle_parts(cycles)
        self._timeline.drive(self._engine, self.chip.hclk, self)
        for region in self.chip.memory:
            self._engine.map_memory(region)
        for base, size in self.chip.io_windows:
            self._engine.map_io(base, size, self._io_read, self._io_write)
        self._share_registers()
        self.chip.on_reset_request = self.request_reset
        for resistor in board.resistors:
            self.wiring.net(resistor.pin).pull("resistor", resistor.level)
        self.terminal = Terminal(self, self.wiring, board.terminal)
        self.parts = plug_parts(self, self.wiring, board)
        for address, data in self.chip.factory_contents().items():
            self._engine.write_memory(address, data)
        placement = kind.place(self.firmware)
        self.notes = placement.notes
        self._program(placement.flash)
        self._power_on(placement.ram)

    # -- what the parts and peripherals ask for (ChipServices, DeviceServices)
    @property
    def now(self) -> Time:
        """Virtual time since power-on."""
        return self._timeline.now

    def schedule(self, delay: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for `delay` from now."""
        return self._timeline.schedule(delay, action, name)

    def schedule_at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for the time `at`."""
        return self._timeline.schedule_at(at, action, name)

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an interrupt input of the core."""
        self._engine.set_interrupt(line, active)

    def violation(self, rule: str, message: str) -> None:
        """Reports a broken rule at the firmware's present line."""
        # A loop that polls what is not there breaks the rule millions of times; to find the source
        # line takes long, so that it is done once for an instruction.
        key = (rule, message, self._engine.pc)
        known = self._reported.get(key)
        if known is not None:
            known.count += 1
            return
        self._reported[key] = self._report(rule, message, self._engine.pc)

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads as the DMA does."""
        if self._is_io(address):
            return self.chip.bus.read(address, size).to_bytes(size, "little")
        try:
            return self._engine.read_memory(address, size)
        except IndexError as error:
            raise BusError(str(error)) from error

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes as the DMA does."""
        if self._is_io(address):
            self.chip.bus.write(address, len(data), int.from_bytes(data, "little"))
            return
        try:
            self._engine.write_memory(address, data)
        except IndexError as error:
            raise BusError(str(error)) from error

    def state(self, subject: str, state: State) -> None:
        """Records a part's state."""
        self.trace.record(self.now, subject, state)

    # -- what the engine tells (EngineListener)
    def core_reset_requested(self) -> None:
        """The core asked for a system reset."""
        self.request_reset("software")

    def fault(self, rule: str, message: str, pc: int) -> None:
        """Reports a broken rule by the instruction at `pc`."""
        self._report(rule, message, pc)

    def _report(self, rule: str, message: str, pc: int) -> Violation:
        where = self.firmware.source_line(pc)
        return self.diagnostics.report(rule, message, self.now, pc, where)

    # -- running
    @property
    def engine(self) -> EngineInfo:
        """What executes, and how it counts cycles."""
        return self._engine.info

    @property
    def cycles(self) -> int:
        """Core cycles since power-on, sleep left out."""
        return self._engine.cycles

    @property
    def instructions(self) -> int:
        """Instructions since power-on."""
        return self._engine.instructions

    def skip_waiting_loops(self, skip: bool) -> None:
        """See `facet.engine.protocol.Engine.skip_waiting_loops`; on by default."""
        self._engine.skip_waiting_loops(skip)

    def request_reset(self, cause: str) -> None:
        """Resets the chip before its next instruction."""
        self._timeline.interject(lambda: self._reset(cause))

    def stop(self) -> None:
        """Makes `run` return at the next chance; called from a callback or from another thread."""
        self._timeline.stop()

    def run(self, until: Time) -> None:
        """Runs to the virtual time `until`, or until `stop` is called."""
        self._timeline.run(until)

    def symbol_bytes(self, name: str) -> bytes:
        """The bytes of a variable of the firmware.

        Raises:
            KeyError: the firmware has no such symbol.
        """
        symbol = self.firmware.symbols[name]
        return self._engine.read_memory(symbol.address, symbol.size)

    def source_line(self) -> SourceLine:
        """Where the core is."""
        return self.firmware.source_line(self._engine.pc)

    # -- profiling
    def start_profile(self, functions: Sequence[ProfiledFunction]) -> None:
        """Begins to count where the core's cycles go.

        Args:
            functions: the firmware's, sorted by address, without overlaps.

        Raises:
            FacetError: the board's engine does not count them.
        """
        if not isinstance(self._engine, ProfilingEngine):
            raise FacetError(
                f"the CPU engine {self._engine_name} does not count cycles by function: choose "
                f"the engine {engines.DEFAULT}"
            )
        self._clock_log = [self._timeline.clock_state]
        self._timeline.on_release = self._note_clock
        self._engine.start_profile(functions)

    def read_profile(self) -> tuple[RawProfile, list[ClockState]]:
        """What was counted since `start_profile`, and the core's clock over that time.

        Raises:
            FacetError: nothing was counted.
        """
        if not self._clock_log or not isinstance(self._engine, ProfilingEngine):
            raise FacetError("nothing was profiled: start the profile before the board runs")
        return self._engine.read_profile(), list(self._clock_log)

    def _note_clock(self, state: ClockState) -> None:
        self._clock_log.append(state)

    # -- sleeping and waking (SleepPolicy)
    def core_stopped(self, stop: Stop) -> None:
        """The core waits, so that the chip enters a low-power mode, or is locked up."""
        if stop is Stop.LOCKUP:
            self.chip.lock_up()
        elif self.chip.enter_low_power(self._engine.sleep_deep) == "run":
            self._engine.refuse_wait()

    def core_wakes(self) -> Time:
        """The chip leaves its low-power mode."""
        return self.chip.leave_low_power()

    def _reset(self, cause: str, caught: bool = False) -> None:
        self._timeline.hold()
        held = self.chip.reset(cause)
        for region in self.chip.memory:
            if region.name in self.chip.lost_memory:
                # Undefined on silicon: no zeros that a program could come to rely on.
                self._engine.write_memory(region.base, b"\xa5" * region.size)
        self._engine.reset(caught)
        self._timeline.hold(held)
        self._timeline.release()

    def _share_registers(self) -> None:
        """Lets the engine read registers by itself where a read changes nothing."""
        registers = [
            (peripheral, state)
            for peripheral in self.chip.bus.peripherals
            for state in peripheral.shareable()
        ]
        words = self._engine.register_words(1 + len(registers))
        if words is None:
            return
        index_of = {id(state): index for index, (_, state) in enumerate(registers, start=1)}
        for peripheral, state in registers:
            index = index_of[id(state)]
            if state.on_read is None:
                state.mirror(words, index)
            gates = [(index_of[id(b.register)], b.mask, b.value) for b in peripheral.gate_bits]
            declaration = state.declaration
            self._engine.share_register(
                peripheral.base + declaration.offset,
                index,
                ~declaration.hidden & 0xFFFF_FFFF,
                gates,
                pure=state.on_read is not None,
            )

    def _is_io(self, address: int) -> bool:
        return any(base <= address < base + size for base, size in self.chip.io_windows)

    def _io_read(self, address: int, size: int) -> int:
        return self.chip.bus.read(address, size)

    def _io_write(self, address: int, size: int, value: int) -> None:
        self.chip.bus.write(address, size, value)

    def _power_on(self, ram: RamStart | None) -> None:
        if ram is None:
            self._reset("power-on")
            return
        for segment in ram.segments:
            self._check_room(segment)
        wait = self.chip.await_debugger()
        self._reset("power-on", caught=True)
        self._timeline.schedule(wait, partial(self._start_in_ram, ram), "debugger")

    def _start_in_ram(self, ram: RamStart) -> None:
        for segment in ram.segments:
            self._engine.write_memory(segment.address, segment.data)
        self._engine.start(ram.entry, ram.stack)

    def _program(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            self._check_room(segment)
            self._engine.write_memory(segment.address, segment.data)

    def _check_room(self, segment: Segment) -> None:
        region = self._region_of(segment.address)
        if region is None or segment.address + len(segment.data) > region.base + region.size:
            raise FacetError(
                f"{self.firmware.path} puts {len(segment.data)} bytes at "
                f"{segment.address:#010x}, where {self.board.title} has no memory for them"
            )

    def _region_of(self, address: int) -> MemoryRegion | None:
        for region in self.chip.memory:
            if region.base <= address < region.base + region.size:
                return region
        return None
