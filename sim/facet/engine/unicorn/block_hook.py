"""Loads the native block hook and shares its memory with Python."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from facet import native

_SOURCE = Path(__file__).with_name("block_hook.c")

MAY_UNMASK = 1
IN_FLASH = 2
CACHED = 4


class Block(ctypes.Structure):
    """One translated block's cost; the C side's `Block`."""

    _fields_ = (
        ("address", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("half_cycles", ctypes.c_uint32),
        ("taken", ctypes.c_uint16),
        ("fallthrough", ctypes.c_uint16),
        ("entry", ctypes.c_uint16),
        ("instructions", ctypes.c_uint16),
        ("flags", ctypes.c_uint32),
    )


NewBlock = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(Block))


class Core(ctypes.Structure):
    """The head of the C side's `Core`; the tables behind it are the hook's own."""

    _fields_ = (
        ("half_cycles", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("instructions", ctypes.c_uint64),
        ("stall_cycles", ctypes.c_uint64),
        ("cache_misses", ctypes.c_uint64),
        ("stop", ctypes.c_void_p),
        ("on_new_block", NewBlock),
        ("interrupt_pending", ctypes.c_uint32),
        ("deadline_hit", ctypes.c_uint32),
        ("last_address", ctypes.c_uint32),
        ("last_size", ctypes.c_uint32),
        ("last_taken", ctypes.c_uint32),
        ("last_fallthrough", ctypes.c_uint32),
        ("blocks_known", ctypes.c_uint32),
        ("flash_base", ctypes.c_uint32),
        ("flash_size", ctypes.c_uint32),
        ("wait_states", ctypes.c_uint32),
        ("cache_enabled", ctypes.c_uint32),
        ("prefetch_enabled", ctypes.c_uint32),
        ("line_fill_cycles", ctypes.c_uint32),
    )


class BlockHook:
    """One core's cycle accounting.

    Args:
        stop: address of `uc_emu_stop`.
        on_new_block: fills in a Block's costs, given its address and size in bytes.
    """

    def __init__(self, stop: int, on_new_block: Callable[[int, int, Block], None]) -> None:
        library = native.load(_SOURCE)
        library.facet_core_size.restype = ctypes.c_uint32
        self._library = library
        self._memory = ctypes.create_string_buffer(library.facet_core_size())
        self.core = Core.from_buffer(self._memory)

        def fill(address: int, size: int, slot: ctypes._Pointer[Block]) -> None:
            on_new_block(address, size, slot.contents)

        self._fill = NewBlock(fill)  # kept: C holds only a pointer
        self.core.stop = stop
        self.core.on_new_block = self._fill
        self.function = ctypes.cast(library.facet_on_block, ctypes.c_void_p)
        self.forget_blocks()
        self.flush_cache()
        self.flush_external_cache()

    @property
    def pointer(self) -> ctypes.c_void_p:
        """The user data that the hook is to be registered with."""
        return ctypes.cast(self._memory, ctypes.c_void_p)

    def forget_blocks(self) -> None:
        """Drops all block costs: the code has changed."""
        self._library.facet_forget_blocks(self.pointer)

    def flush_cache(self) -> None:
        """Empties the flash's instruction cache (FLASH_ACR.ICRST)."""
        self._library.facet_flush_cache(self.pointer)

    def flush_external_cache(self) -> None:
        """Empties the cache that code in external flash is fetched through (ESP32-C3)."""
        self._library.facet_flush_external_cache(self.pointer)
