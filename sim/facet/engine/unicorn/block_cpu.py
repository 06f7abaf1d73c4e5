"""What every core in Unicorn shares here: memory, registers, and blocks that are counted."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import unicorn
from unicorn.unicorn_py3 import unicorn as binding

from facet.engine.protocol import MemoryRegion
from facet.engine.unicorn.block_hook import Block, BlockHook
from facet.engine.unicorn.memory import Memory

_FETCH_KINDS = (unicorn.UC_MEM_FETCH_UNMAPPED, unicorn.UC_MEM_FETCH_PROT)
_WRITE_KINDS = (unicorn.UC_MEM_WRITE_UNMAPPED, unicorn.UC_MEM_WRITE_PROT)
_NOWHERE = 0xFFFF_FFFE  # emu_start's end address: never executed


@dataclass(frozen=True)
class Deadline:
    """The cycle to run to has come, or `stop_soon` was called."""


@dataclass(frozen=True)
class MemoryFault:
    """An access to where there is nothing, or a write to read-only memory."""

    address: int
    write: bool
    fetch: bool


class BlockCountingCpu:
    """A core of Unicorn's with its memories; subclasses say what a block costs and how it traps.

    Args:
        architecture, mode, model: Unicorn's constants for the core.
        registers: Unicorn's number of each register, by the name that it is to have here.
    """

    def __init__(
        self, architecture: int, mode: int, model: int, registers: Mapping[str, int]
    ) -> None:
        self._uc = unicorn.Uc(architecture, mode)
        self._uc.ctl_set_cpu_model(model)
        self.memory = Memory()
        self._registers = registers
        self._trap: int | None = None
        self._memory_fault: MemoryFault | None = None
        self._failure: BaseException | None = None
        library = binding.uclib
        # The binding's own reg_read and reg_write take some 5 us a call, these under 1 us, and an
        # exception's entry and return make many.
        self._handle = self._uc._uch
        self._word = ctypes.c_uint64()
        self._word_at = ctypes.byref(self._word)
        self._read_register, self._write_register = library.uc_reg_read, library.uc_reg_write
        self.hook = BlockHook(
            ctypes.cast(library.uc_emu_stop, ctypes.c_void_p).value or 0, self._cost_block
        )
        handle = ctypes.c_size_t()
        # begin > end: every address (Unicorn's own convention).
        status = library.uc_hook_add(
            self._uc._uch,
            ctypes.byref(handle),
            ctypes.c_int(unicorn.UC_HOOK_BLOCK),
            self.hook.function,
            self.hook.pointer,
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != unicorn.UC_ERR_OK:
            raise unicorn.UcError(status)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_interrupt)
        self._uc.hook_add(
            unicorn.UC_HOOK_MEM_UNMAPPED | unicorn.UC_HOOK_MEM_PROT, self._on_memory_fault
        )

    # -- memory map
    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory to the core's map."""
        access = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
        if region.writable:
            access |= unicorn.UC_PROT_WRITE
        host = self.memory.add(region)
        self._uc.mem_map_ptr(region.base, region.size, access, host)

    def write_memory(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""
        self.memory.write(address, data)
        region = self.memory.region_of(address)
        if region is not None and not region.writable:  # code that the core may have translated
            self._uc.ctl_remove_cache(address, address + len(data))

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of registers: read(address, size), write(address, size, value).

        An exception that a callback raises stops the core and is raised by `run`.
        """

        def on_read(_uc: Any, offset: int, size: int, _data: Any) -> int:
            try:
                return read(base + offset, size)
            except BaseException as error:
                self._fail(error)
                return 0

        def on_write(_uc: Any, offset: int, size: int, value: int, _data: Any) -> None:
            try:
                write(base + offset, size, value)
            except BaseException as error:
                self._fail(error)

        self._uc.mmio_map(base, size, on_read, None, on_write, None)

    # -- registers
    def __getitem__(self, register: str) -> int:
        self._read_register(self._handle, self._registers[register], self._word_at)
        return self._word.value

    def __setitem__(self, register: str, value: int) -> None:
        self._word.value = value
        self._write_register(self._handle, self._registers[register], self._word_at)

    # -- time
    @property
    def cycles(self) -> int:
        """Core cycles so far; within a block, those up to its end."""
        return int(self.hook.core.half_cycles) // 2

    def spend(self, cycles: int) -> None:
        """Adds cycles that no instruction takes: exception entry and return."""
        self.hook.core.half_cycles += 2 * cycles

    def stop_soon(self) -> None:
        """Makes `run` return before the next block."""
        self.hook.core.deadline = 0

    @property
    def stop_wanted(self) -> bool:
        """Whether `stop_soon` was called since `run` began."""
        return int(self.hook.core.deadline) == 0

    def branch_breaks(self) -> None:
        """The next block is not reached by the last one's branch (an exception came between)."""
        self.hook.core.last_taken = self.hook.core.last_fallthrough = 0

    # -- for subclasses
    def _execute(self, start: int, until_cycle: int) -> unicorn.UcError | None:
        """Runs from `start` until something is to be looked at.

        Returns:
            Unicorn's error, where no callback has told of the cause.
        """
        core = self.hook.core
        core.deadline = 2 * until_cycle
        core.deadline_hit = 0
        self._trap = self._memory_fault = None
        try:
            self._uc.emu_start(start, _NOWHERE)
        except unicorn.UcError as error:
            if self._failure is None and self._trap is None and self._memory_fault is None:
                return error
        return None

    def _raise_failure(self) -> None:
        """Raises what a register's callback raised while the core ran."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        """Fills in what the block at `address` costs; an odd `slot.address` refuses to run it."""
        raise NotImplementedError

    def _code(self, address: int, size: int) -> bytes:
        """`size` bytes of code, four fewer at a memory's end, none outside of memory."""
        for length in (size, size - 4):
            try:
                return self.memory.read(address, length)
            except IndexError:
                continue
        return b""

    # -- callbacks
    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._uc.emu_stop()

    def _on_interrupt(self, _uc: Any, number: int, _data: Any) -> None:
        self._trap = number
        self._uc.emu_stop()

    def _on_memory_fault(
        self, _uc: Any, kind: int, address: int, _size: int, _value: int, _data: Any
    ) -> bool:
        self._memory_fault = MemoryFault(
            address & 0xFFFF_FFFF, kind in _WRITE_KINDS, kind in _FETCH_KINDS
        )
        return False
