"""Measure the cycles that the simulator omits because data reads from flash do not wait.

    python -m benchmarks.flash_data --board nucleo_l476rg

The cycle count includes the waits of code fetches from flash, but not those of reads of weights,
tables and literals (see the FIDELITY marks in ``sim/facet/engine/unicorn/native/flash.c``). This
benchmark records all reads of flash in one inference of the real firmware, from the entry of the
interpreter's ``Invoke`` to its return. A model of the chip's data lines, empty at first, computes
which of them would have waited.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import click
import numpy as np
import unicorn
from numpy.typing import NDArray
from unicorn import arm_const, riscv_const
from unicorn.unicorn_py3 import unicorn as binding

from facet.board.board import load
from facet.chip.esp32c3.memory_map import DROM_BASE, FLASH_WINDOW_SIZE, IROM_BASE
from facet.chip.stm32l4.memory_map import FLASH_BASE
from facet.cli.console import console
from facet.cli.firmware import chosen_firmware
from facet.cli.params import board_option, model_option
from facet.dataset.loaders import load_frames
from facet.engine.unicorn.cpu import UnicornCpu
from facet.errors import FacetError
from facet.machine import Machine
from facet.model.bundle import find
from facet.progress import Progress
from facet.report.tables import plain_table
from facet.target.bench import Bench
from facet.target.simulated import SimulatedBoard
from facet.time import ms, s

_INVOKE: Final = "_ZN6tflite16MicroInterpreter6InvokeEv"
_SLICE: Final = ms(50)  # of virtual time, some 100,000 accesses: the record stays small
_TIMEOUT: Final = s(60)  # of virtual time, for a boot and a decision

_LINE_BYTES: Final = 32  # of the STM32L4's data lines as of the ESP32-C3's cache
_FLASH_READ_BYTES: Final = 8  # RM0351, 3.3.1: the STM32L4's flash is read 64 bits at a time

# An access is packed into 64 bits: address, size in 15 bits, and whether it fetches code.
_ADDRESS_SHIFT: Final = 16
_CODE: Final = 1

Accesses = NDArray[np.uint64]


class LruCache:
    """The lines in a set-associative cache that evicts the least recently used one.

    Args:
        sets: a power of two, or 1 for a fully associative cache.
        ways: lines in a set.
    """

    def __init__(self, sets: int, ways: int) -> None:
        self._ways = ways
        self._sets: list[dict[int, None]] = [{} for _ in range(sets)]  # oldest first

    def touch(self, line: int) -> bool:
        """Uses a line, now the most recently used; returns whether the cache had it."""
        held = self._sets[line % len(self._sets)]
        hit = line in held
        if hit:
            del held[line]
        elif len(held) == self._ways:
            del held[next(iter(held))]
        held[line] = None
        return hit


@dataclass(frozen=True)
class Hidden:
    """Cycles to add to the simulator's count under one assumption about the hardware."""

    view: str
    cycles: int


class FlashModel(Protocol):
    """Counts the waits of reads of flash."""

    reads: int

    def feed(self, accesses: Accesses) -> None:
        """Takes the next accesses, in order."""

    def counts(self) -> dict[str, int]:
        """Returns the counts by name."""

    def hidden(self) -> Sequence[Hidden]:
        """Returns the cycles that the simulator omits, the smallest number first."""


class Stm32DataLines:
    """The STM32L4's data cache: 8 lines of 256 bits, least recently used (RM0351, 3.3.4).

    The manual does not say whether a miss waits for its 64 bits or for the line, nor when the rest
    of the line is read; hence three assumptions, from the best to the worst.

    Args:
        wait_states: FLASH_ACR.LATENCY.
    """

    LINES = 8

    def __init__(self, wait_states: int) -> None:
        self.reads = self.line_misses = self.word_misses = 0
        self._wait_states = wait_states
        self._lines = LruCache(1, self.LINES)
        self._words: dict[int, int] = {}  # of a line: a bit for each 64 bits read so far

    def feed(self, accesses: Accesses) -> None:
        """Data reads, in order."""
        self.reads += len(accesses)
        words, _ = _split(accesses, _FLASH_READ_BYTES)
        in_line = _LINE_BYTES // _FLASH_READ_BYTES
        for word in _changes(words).tolist():
            line, bit = word // in_line, 1 << word % in_line
            if not self._lines.touch(line):
                self.line_misses += 1
                self._words[line] = 0
            if not self._words[line] & bit:
                self.word_misses += 1
                self._words[line] |= bit

    def counts(self) -> dict[str, int]:
        """Returns the counts by name."""
        return {
            "data reads": self.reads,
            "lines missed": self.line_misses,
            "64-bit words first read of a line": self.word_misses,
        }

    def hidden(self) -> Sequence[Hidden]:
        """Returns the cycles that the simulator omits, the smallest number first."""
        whole_line = _LINE_BYTES // _FLASH_READ_BYTES * (self._wait_states + 1) - 1
        return (
            Hidden(
                "a miss waits once, its line is whole then", self.line_misses * self._wait_states
            ),
            Hidden("each 64-bit word of a line waits once", self.word_misses * self._wait_states),
            Hidden("a miss waits for the whole line, four reads", self.line_misses * whole_line),
        )


class Esp32C3SharedCache:
    """The ESP32-C3's flash cache with code and data: 16 KB, 8 ways, 32-byte lines (TRM, 3.3.3).

    The simulator's cache, for code only, runs in parallel. The cost of data is its own misses plus
    the misses of code that it evicted. The replacement policy is a guess, as in the simulator.

    Args:
        line_fill_cycles: core cycles to read one line.
    """

    WAYS = 8
    SETS = 64

    def __init__(self, line_fill_cycles: int) -> None:
        self.reads = self.data_misses = self.code_misses = self.code_alone_misses = 0
        self._line_fill_cycles = line_fill_cycles
        self._shared = LruCache(self.SETS, self.WAYS)
        self._alone = LruCache(self.SETS, self.WAYS)

    def feed(self, accesses: Accesses) -> None:
        """Data reads and blocks of code, in order; addresses are offsets into the flash."""
        self.reads += int(np.count_nonzero(accesses & np.uint64(_CODE) == 0))
        lines, code = _split(accesses, _LINE_BYTES)
        for line in _changes(lines[code]).tolist():
            self.code_alone_misses += not self._alone.touch(line)
        for tagged in _changes(lines * 2 + code).tolist():
            if not self._shared.touch(tagged >> 1):
                self.code_misses += tagged & 1
                self.data_misses += not tagged & 1

    def counts(self) -> dict[str, int]:
        """Returns the counts by name."""
        return {
            "data reads": self.reads,
            "lines missed by data": self.data_misses,
            "lines missed by code, data in the cache": self.code_misses,
            "lines missed by code alone": self.code_alone_misses,
        }

    def hidden(self) -> Sequence[Hidden]:
        """Returns the cycles that the simulator omits."""
        more = self.data_misses + self.code_misses - self.code_alone_misses
        view = f"{more:,} more fills of {self._line_fill_cycles:,} cycles"
        return (Hidden(view, more * self._line_fill_cycles),)


def pack(address: int, size: int, *, code: bool = False) -> int:
    """Packs one access into the integer that the models take."""
    return address << _ADDRESS_SHIFT | size << 1 | code


def _split(accesses: Accesses, unit_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Returns the aligned units that the accesses touch, in order, and which contain code."""
    packed = accesses.astype(np.int64)
    address = packed >> _ADDRESS_SHIFT
    size = packed >> 1 & (1 << _ADDRESS_SHIFT - 1) - 1
    first = address // unit_bytes
    count = (address + size - 1) // unit_bytes - first + 1
    begin = np.cumsum(count) - count
    within = np.arange(int(count.sum())) - np.repeat(begin, count)
    return np.repeat(first, count) + within, np.repeat((packed & _CODE).astype(np.bool_), count)


def _changes(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Removes values equal to the one before: such an access always hits."""
    keep = np.ones(len(values), np.bool_)
    keep[1:] = values[1:] != values[:-1]
    return values[keep]


@dataclass(frozen=True)
class Chip:
    """A chip's flash.

    Attributes:
        data_base, code_base: address of the flash's first byte for loads and for fetches.
        size: bytes.
        link_register: Unicorn's number of the register that holds a function's return address.
        code_counts: whether code and data share the cache.
        model: builds the model for the firmware's settings.
    """

    data_base: int
    code_base: int
    size: int
    link_register: int
    code_counts: bool
    model: Callable[[UnicornCpu], FlashModel]


_CHIPS: Final = {
    "stm32l4": Chip(
        FLASH_BASE,
        FLASH_BASE,
        1 << 20,
        arm_const.UC_ARM_REG_LR,
        False,
        lambda cpu: Stm32DataLines(cpu.core.wait_states),
    ),
    "esp32c3": Chip(
        DROM_BASE,
        IROM_BASE,
        FLASH_WINDOW_SIZE,
        riscv_const.UC_RISCV_REG_X1,
        True,
        lambda cpu: Esp32C3SharedCache(cpu.core.line_fill_cycles),
    ),
}


class Recorder:
    """Records accesses with hooks in Unicorn's C interface.

    The hooks of its Python binding take several microseconds per call.

    Args:
        cpu: the core; it must not be running.
    """

    _READ = ctypes.CFUNCTYPE(
        None,
        *(ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64),
        *(ctypes.c_int, ctypes.c_int64, ctypes.c_void_p),
    )
    _BLOCK = ctypes.CFUNCTYPE(
        None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p
    )

    def __init__(self, cpu: UnicornCpu) -> None:
        self._uc = cpu._uc
        self._kept: list[Any] = []  # Unicorn holds only pointers
        self.accesses = array("Q")

    def on_block_at(self, address: int, action: Callable[[], None]) -> None:
        """Calls `action` before the block at `address` runs."""
        function = self._BLOCK(lambda _uc, _at, _size, _user: action())
        self._hook(unicorn.UC_HOOK_BLOCK, function, address, address)

    def record_reads(self, base: int, size: int) -> None:
        """Records loads from `base` on, as offsets from it."""
        append = self.accesses.append

        def on_read(_uc: int, _kind: int, at: int, length: int, _value: int, _user: int) -> None:
            append(at - base << _ADDRESS_SHIFT | length << 1)

        self._hook(unicorn.UC_HOOK_MEM_READ, self._READ(on_read), base, base + size - 1)
        self._uc.ctl_flush_tb()  # blocks that were translated without the hook

    def record_blocks(self, base: int, size: int) -> None:
        """Records blocks of code from `base` on, as offsets from it."""
        append = self.accesses.append

        def on_block(_uc: int, at: int, length: int, _user: int) -> None:
            append(at - base << _ADDRESS_SHIFT | length << 1 | _CODE)

        self._hook(unicorn.UC_HOOK_BLOCK, self._BLOCK(on_block), base, base + size - 1)

    def take(self) -> Accesses:
        """Returns the accesses since the last call."""
        taken = np.array(self.accesses, dtype=np.uint64)
        del self.accesses[:]
        return taken

    def _hook(self, kind: int, function: Any, first: int, last: int) -> None:
        self._kept.append(function)
        handle = ctypes.c_size_t()
        status = binding.uclib.uc_hook_add(
            self._uc._uch,
            ctypes.byref(handle),
            ctypes.c_int(kind),
            ctypes.cast(function, ctypes.c_void_p),
            None,
            ctypes.c_uint64(first),
            ctypes.c_uint64(last),
        )
        if status != unicorn.UC_ERR_OK:
            raise unicorn.UcError(status)


@dataclass(frozen=True)
class Result:
    """One inference.

    Attributes:
        cycles: the simulator's count.
        model: the model that took its reads of flash.
    """

    cycles: int
    model: FlashModel


def watch_inference(machine: Machine, progress: Callable[[int], None] = lambda _: None) -> Result:
    """Runs a machine that was just powered on through the inference of its first decision.

    Args:
        machine: with a face in front of its camera.
        progress: takes the cycles of the inference so far.

    Raises:
        FacetError: this benchmark has no model of the chip, or there was no inference.
    """
    board = machine.board
    chip = next((c for name, c in _CHIPS.items() if board.chip.startswith(name)), None)
    if chip is None:
        raise FacetError(f"no model of how {board.chip} reads data from flash")
    # The engine is private to the machine; this benchmark observes its core all the same.
    cpu = cast(UnicornCpu, cast(Any, machine._engine).cpu)
    recorder = Recorder(cpu)
    _run_to(machine, recorder, machine.firmware.symbols[_INVOKE].address & ~1)
    model = chip.model(cpu)
    begun = machine.cycles
    recorder.record_reads(chip.data_base, chip.size)
    if chip.code_counts:
        recorder.record_blocks(chip.code_base, chip.size)

    def feed() -> None:
        model.feed(recorder.take())
        progress(machine.cycles - begun)

    _run_to(machine, recorder, cpu._uc.reg_read(chip.link_register) & ~1, feed)
    return Result(machine.cycles - begun, model)


def _run_to(
    machine: Machine, recorder: Recorder, address: int, each: Callable[[], None] = lambda: None
) -> None:
    """Runs until the block at `address` has run; calls `each` from time to time.

    A stop takes effect between blocks: the block at each end is counted on the wrong side.
    """
    reached = False

    def reach() -> None:
        nonlocal reached
        reached = True
        machine.stop()

    recorder.on_block_at(address, reach)
    until = machine.now + _TIMEOUT
    while not reached:
        if machine.now >= until:
            raise FacetError("the device made no decision within 60 s of virtual time")
        machine.run(machine.now + _SLICE)
        each()


def _recorded(machine: Machine) -> Result:
    with Progress("million cycles of the inference") as progress:
        reported = 0

        def advance(cycles: int) -> None:
            nonlocal reported
            millions = cycles // 1_000_000
            progress.advance(millions - reported)
            reported = millions

        return watch_inference(machine, advance)


@click.command()
@board_option
@model_option
def main(board: str, model: str) -> None:
    """Count the cycles that an inference's reads of flash would wait."""
    try:
        machine = Machine(load(board), chosen_firmware(board, model, None))
        Bench(SimulatedBoard(machine)).show(load_frames("drawn", limit=1)[0])
        result = _recorded(machine)
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{find(model).name} on {machine.board.title}: one inference, every read of flash")
    table = plain_table("what", "count", "share", numbers=["count", "share"])
    table.add_row("cycles as simulated", f"{result.cycles:,}", "")
    for name, count in result.model.counts().items():
        table.add_row(name, f"{count:,}", "")
    for hidden in result.model.hidden():
        share = f"{hidden.cycles / result.cycles:.2%}"
        table.add_row(f"hidden cycles: {hidden.view}", f"{hidden.cycles:,}", share)
    console().print(table)


if __name__ == "__main__":
    main()
