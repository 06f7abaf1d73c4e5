"""How many cycles the simulator hides by letting data reads from flash wait for nothing.

    python -m benchmarks.flash_data --board nucleo_l476rg

The cycle count charges what code waits for flash, and nothing for weights, tables and literals
(see the FIDELITY marks in ``sim/facet/engine/unicorn/block_hook.c``). Here one inference of the
real
firmware runs with every one of its reads of flash recorded, from the entry of the interpreter's
``Invoke`` to its return, and a model of the chip's data lines says which of them would have waited.
The models start empty.
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
from facet.engine.unicorn.block_cpu import BlockCountingCpu
from facet.errors import FacetError
from facet.machine import Machine
from facet.model.bundle import find
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
    """Which lines a set-associative cache holds; the least recently used one makes room.

    Args:
        sets: a power of two, or 1 for a fully associative cache.
        ways: lines in a set.
    """

    def __init__(self, sets: int, ways: int) -> None:
        self._ways = ways
        self._sets: list[dict[int, None]] = [{} for _ in range(sets)]  # oldest first

    def touch(self, line: int) -> bool:
        """Uses a line and makes it the latest; False where it had to be fetched."""
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
    """Cycles that one view of the hardware adds to those that the simulator counts."""

    view: str
    cycles: int


class FlashModel(Protocol):
    """Counts what reads of flash wait for."""

    reads: int

    def feed(self, accesses: Accesses) -> None:
        """The next accesses, in order."""

    def counts(self) -> dict[str, int]:
        """What was counted, by name."""

    def hidden(self) -> Sequence[Hidden]:
        """What the simulator leaves out, the least first."""


class Stm32DataLines:
    """The STM32L4's data cache: 8 lines of 256 bits, least recently used (RM0351, 3.3.4).

    The manual does not say whether a miss waits for the 64 bits that it needs or for the line, nor
    what becomes of the rest of the line; hence three views, from the best to the worst.

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
        """What was counted, by name."""
        return {
            "data reads": self.reads,
            "lines missed": self.line_misses,
            "64-bit words first read of a line": self.word_misses,
        }

    def hidden(self) -> Sequence[Hidden]:
        """What the simulator leaves out, the least first."""
        whole_line = _LINE_BYTES // _FLASH_READ_BYTES * (self._wait_states + 1) - 1
        return (
            Hidden(
                "a miss waits once, its line is whole then", self.line_misses * self._wait_states
            ),
            Hidden("each 64-bit word of a line waits once", self.word_misses * self._wait_states),
            Hidden("a miss waits for the whole line, four reads", self.line_misses * whole_line),
        )


class Esp32C3SharedCache:
    """The ESP32-C3's flash cache, 16 KB, 8 ways, 32-byte lines (TRM, 3.3.3), data in it too.

    Beside it runs the cache as the simulator has it, for code alone: what data costs is its own
    misses and those of code that it pushed out. The policy is a guess, as it is in the simulator.

    Args:
        line_fill_cycles: of the core, for one line.
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
        """What was counted, by name."""
        return {
            "data reads": self.reads,
            "lines missed by data": self.data_misses,
            "lines missed by code, data in the cache": self.code_misses,
            "lines missed by code alone": self.code_alone_misses,
        }

    def hidden(self) -> Sequence[Hidden]:
        """What the simulator leaves out."""
        more = self.data_misses + self.code_misses - self.code_alone_misses
        view = f"{more:,} more fills of {self._line_fill_cycles:,} cycles"
        return (Hidden(view, more * self._line_fill_cycles),)


def pack(address: int, size: int, *, code: bool = False) -> int:
    """One access as the models take it."""
    return address << _ADDRESS_SHIFT | size << 1 | code


def _split(accesses: Accesses, unit_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The aligned units that the accesses touch, in order, and which of them hold code."""
    packed = accesses.astype(np.int64)
    address = packed >> _ADDRESS_SHIFT
    size = packed >> 1 & (1 << _ADDRESS_SHIFT - 1) - 1
    first = address // unit_bytes
    count = (address + size - 1) // unit_bytes - first + 1
    begin = np.cumsum(count) - count
    within = np.arange(int(count.sum())) - np.repeat(begin, count)
    return np.repeat(first, count) + within, np.repeat((packed & _CODE).astype(np.bool_), count)


def _changes(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leaves out what equals the value before it: such an access always hits."""
    keep = np.ones(len(values), np.bool_)
    keep[1:] = values[1:] != values[:-1]
    return values[keep]


@dataclass(frozen=True)
class Chip:
    """Where a chip has its flash.

    Attributes:
        data_base, code_base: address of the flash's first byte to loads and to fetches.
        size: bytes.
        link_register: Unicorn's number of the register that holds a function's return address.
        code_counts: whether code goes through the same cache.
        model: builds the model for the settings that the firmware has made.
    """

    data_base: int
    code_base: int
    size: int
    link_register: int
    code_counts: bool
    model: Callable[[BlockCountingCpu], FlashModel]


_CHIPS: Final = {
    "stm32l4": Chip(
        FLASH_BASE,
        FLASH_BASE,
        1 << 20,
        arm_const.UC_ARM_REG_LR,
        False,
        lambda cpu: Stm32DataLines(cpu.hook.core.wait_states),
    ),
    "esp32c3": Chip(
        DROM_BASE,
        IROM_BASE,
        FLASH_WINDOW_SIZE,
        riscv_const.UC_RISCV_REG_X1,
        True,
        lambda cpu: Esp32C3SharedCache(cpu.hook.core.line_fill_cycles),
    ),
}


class Recorder:
    """Hooks in Unicorn itself: the binding's own take several microseconds a call.

    Args:
        cpu: the core, standing still.
    """

    _READ = ctypes.CFUNCTYPE(
        None,
        *(ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64),
        *(ctypes.c_int, ctypes.c_int64, ctypes.c_void_p),
    )
    _BLOCK = ctypes.CFUNCTYPE(
        None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p
    )

    def __init__(self, cpu: BlockCountingCpu) -> None:
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
        """What was recorded since the last time."""
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
        cycles: as the simulator counts them.
        model: what its reads of flash did.
    """

    cycles: int
    model: FlashModel


def watch_inference(machine: Machine, progress: Callable[[int], None] = lambda _: None) -> Result:
    """Runs a machine that was just powered on through the inference of its first decision.

    Args:
        machine: with a face in front of its camera.
        progress: called with the cycles of the inference so far.

    Raises:
        FacetError: the chip has no model here, or no inference came.
    """
    board = machine.board
    chip = next((c for name, c in _CHIPS.items() if board.chip.startswith(name)), None)
    if chip is None:
        raise FacetError(f"no model of how {board.chip} reads data from flash")
    # The engine is private to the machine; this benchmark observes its core all the same.
    cpu = cast(BlockCountingCpu, cast(Any, machine._engine).cpu)
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
    """Runs until the block at `address` has run, and calls `each` now and then.

    A stop takes effect between blocks, so that a block is on the wrong side of each end.
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
            raise FacetError("the device made no decision within a minute of virtual time")
        machine.run(machine.now + _SLICE)
        each()


@click.command()
@board_option
@model_option
def main(board: str, model: str) -> None:
    """Count what an inference's reads of flash would wait for."""
    try:
        machine = Machine(load(board), chosen_firmware(board, model, None))
        Bench(SimulatedBoard(machine)).show(load_frames("drawn", limit=1)[0])
        result = watch_inference(machine, _progress)
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    click.echo(err=True)
    click.echo(f"{find(model).name} on {machine.board.title}: one inference, every read of flash")
    table = plain_table("what", "count", "share", numbers=["count", "share"])
    table.add_row("cycles as simulated", f"{result.cycles:,}", "")
    for name, count in result.model.counts().items():
        table.add_row(name, f"{count:,}", "")
    for hidden in result.model.hidden():
        share = f"{hidden.cycles / result.cycles:.2%}"
        table.add_row(f"hidden cycles: {hidden.view}", f"{hidden.cycles:,}", share)
    console().print(table)


def _progress(cycles: int) -> None:
    click.echo(
        f"\rrecording the inference's reads: {cycles / 1e6:.0f} million cycles", nl=False, err=True
    )


if __name__ == "__main__":
    main()
