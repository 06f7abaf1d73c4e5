"""The native cycle model (`native/cycle_model.h`) as Python sets it up and looks at it."""

from __future__ import annotations

import ctypes
from dataclasses import astuple, dataclass

from facet.cycles.description import BlockDescription
from facet.cycles.parts import Parts
from facet.cycles.timing import Timing

CODE_IN_FLASH, CODE_CACHED = 1, 2
_CORE_M4, _CORE_RV32 = 0, 1
_PART_FLASH, _PART_DATA = 1, 2


_BITS = {Parts.CORE: 0, Parts.FLASH: _PART_FLASH, Parts.FULL: _PART_FLASH | _PART_DATA}


class _Path(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint16) for name in ("state", "cycles", "next", "taken"))


class CycleBlock(ctypes.Structure):
    """A block's place in the model; the C side's `CycleBlock`."""

    _fields_ = (
        ("address", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("first_step", ctypes.c_uint32),
        ("steps", ctypes.c_uint32),
        ("first_group", ctypes.c_uint32),
        ("groups", ctypes.c_uint32),
        ("first_pointer", ctypes.c_uint32),
        ("first_meeting", ctypes.c_uint32),
        ("meetings", ctypes.c_uint32),
        ("first_spent", ctypes.c_uint32),
        ("placement", ctypes.c_uint32),
        ("looked_up", ctypes.c_uint32),
        ("opens", ctypes.c_uint8),
        ("closes", ctypes.c_uint8),
        ("path", _Path * 6),
    )

    address: int
    size: int
    placement: int
    steps: int


class _Head(ctypes.Structure):
    """The head of the C side's `CycleModel`."""

    _fields_ = (
        ("core", ctypes.c_uint32),
        ("parts", ctypes.c_uint32),
        ("timing", ctypes.c_uint32 * 10),
        ("registers", ctypes.c_void_p),
        ("data_base", ctypes.c_uint32),
        ("data_size", ctypes.c_uint32),
    )


class _Counters(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64) for name in ("stall_cycles", "code_misses", "data_misses")
    )


@dataclass(frozen=True)
class Counters:
    """What the model counted since power-on.

    Attributes:
        stall_cycles: of all cycles, those that code and data waited for flash.
        code_misses, data_misses: reads of flash that no cache, buffer or read-ahead had.
    """

    stall_cycles: int
    code_misses: int
    data_misses: int


class NativeCycleModel:
    """One core's model.

    Args:
        library: what the C sources were built into.
        pointer: the host's address of the C structure, all zeros.
        timing: the Cortex-M4's memory; None makes it the ESP32-C3's core.
    """

    def __init__(self, library: ctypes.CDLL, pointer: int, timing: Timing | None) -> None:
        self._library, self._pointer = library, ctypes.c_void_p(pointer)
        self._head = _Head.from_address(pointer)
        self._head.core = _CORE_RV32 if timing is None else _CORE_M4
        self._head.parts = _BITS[Parts.FULL]
        if timing is not None:
            self._head.timing[:] = astuple(timing)
        library.cycle_model_counters.restype = _Counters
        library.cycle_model_init(self._pointer)

    def set_parts(self, parts: Parts) -> None:
        """Chooses what counts."""
        self._head.parts = _BITS[parts]

    def watch_flash(self, flash_base: int, flash_size: int) -> None:
        """Says where loads read flash: address and bytes."""
        self._head.data_base, self._head.data_size = flash_base, flash_size

    def read_registers(self, host: int) -> None:
        """Says where the host keeps R0 to R15 or x0 to x31, one word each; 0: unknown."""
        self._head.registers = host or None

    def add_memory(self, base: int, size: int, host: int) -> None:
        """Adds memory that pointers are read from; `host` is where the host keeps it."""
        self._library.cycle_model_add_memory(self._pointer, base, size, ctypes.c_void_p(host))

    def remove_memory(self, base: int) -> None:
        """Removes the memory that begins at `base`."""
        self._library.cycle_model_remove_memory(self._pointer, base)

    def place_flash(self, base: int) -> None:
        """Says where the STM32's flash begins, to code."""
        self._library.cycle_model_place_flash(self._pointer, base)

    def describe(self, block: CycleBlock, description: BlockDescription) -> None:
        """Takes in a block; its address, size and placement are set."""
        groups, group_count, loads, load_count = description.accesses.packed()
        self._library.cycle_model_describe(
            self._pointer,
            ctypes.byref(block),
            description.steps,
            description.instructions,
            groups,
            group_count,
            loads,
            load_count,
            *description.accesses.packed_pointers(),
        )

    def restart(self) -> None:
        """The pipeline starts again: an exception was entered or left, or the core woke up."""
        self._library.cycle_model_restart(self._pointer)

    def set_flash(self, wait_states: int, prefetch: bool, code: bool, data: bool) -> None:
        """FLASH_ACR: wait states, reading ahead, and both caches."""
        self._library.cycle_model_set_flash(
            self._pointer, wait_states, int(prefetch), int(code), int(data)
        )

    def flush_code(self) -> None:
        """Empties the STM32's instruction cache."""
        self._library.cycle_model_flush_code(self._pointer)

    def flush_data(self) -> None:
        """Empties the STM32's data cache."""
        self._library.cycle_model_flush_data(self._pointer)

    def set_line_fill(self, cycles: int) -> None:
        """What a miss of the ESP32-C3's cache takes."""
        self._library.cycle_model_set_line_fill(self._pointer, cycles)

    def flush_cache(self) -> None:
        """Empties the ESP32-C3's cache."""
        self._library.cycle_model_flush_cache(self._pointer)

    @property
    def counters(self) -> Counters:
        """What was counted."""
        found = self._library.cycle_model_counters(self._pointer)
        return Counters(found.stall_cycles, found.code_misses, found.data_misses)
