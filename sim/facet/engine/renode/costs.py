"""Cycles of a core in Renode by the cycle model: what `native/block_costs.c` is for Python."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import Any, Final

from facet import native
from facet.cycles.native_model import CycleBlock, NativeCycleModel
from facet.cycles.timing import Timing

_U32, _U64 = ctypes.c_uint32, ctypes.c_uint64

LONGEST_BLOCK: Final = 16
"""Instructions after which a block ends, but for an IT block that is not cut.

FIDELITY:
    model: In Renode with `--cycles`, interrupts and events come at the end of a block of up to 16
        instructions.
    silicon: Interrupts are taken between two instructions.
    hides: Races within these instructions.
"""


class Slot(ctypes.Structure):
    """A block and what it costs."""

    _fields_ = (
        ("address", _U32),
        ("instructions", _U32),
        ("site", _U32),
        ("cost", CycleBlock),
    )


Describe = ctypes.CFUNCTYPE(None, _U32, _U32, ctypes.POINTER(Slot))


class _Head(ctypes.Structure):
    _fields_ = (
        ("cycles", _U64),
        ("deadline", _U64),
        ("attention", _U32),
        ("stopped", _U32),
        ("block_cycles", _U32),
        ("block_instructions", _U32),
        ("on_site", ctypes.c_void_p),
        ("describe", Describe),
    )


@functools.cache
def _library() -> ctypes.CDLL:
    library = native.load("renode")
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("size", _U32, ()),
        ("head_size", _U32, ()),
        ("model", pointer, (pointer,)),
        ("init", None, (pointer,)),
        ("forget", None, (pointer,)),
    ):
        function = getattr(library, f"facet_renode_{name}")
        function.restype, function.argtypes = result, arguments
    assert library.facet_renode_head_size() == ctypes.sizeof(_Head)
    return library


class BlockCosts:
    """The costs of one core's blocks.

    Args:
        timing: the Cortex-M4's memory, None for the ESP32-C3's core.
        describe: fills in the site and the costs of a block, given its address and its number of
            instructions.
        on_error: receives what `describe` raised.

    Attributes:
        pointer: the host's address of the C structure.
        model: the cycle model.
    """

    def __init__(
        self,
        timing: Timing | None,
        describe: Callable[[int, int, Slot], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        library = _library()
        self._memory = ctypes.create_string_buffer(library.facet_renode_size())
        self.pointer = ctypes.addressof(self._memory)
        self._head = _Head.from_buffer(self._memory)

        def described(address: int, instructions: int, slot: Any) -> None:
            try:
                describe(address, instructions, slot.contents)
            except BaseException as error:
                on_error(error)

        self._head.describe = self._kept = Describe(described)
        library.facet_renode_init(self.pointer)
        self.model = NativeCycleModel(library, library.facet_renode_model(self.pointer), timing)

    @property
    def cycles(self) -> int:
        """Core cycles while awake; up to the access that is carried out, within one."""
        return int(self._head.cycles)

    def wait(self, cycles: int) -> None:
        """Counts cycles in which the core waits for a bus."""
        self._head.cycles += cycles

    def forget(self) -> None:
        """Forgets all blocks: code or settings changed."""
        _library().facet_renode_forget(self.pointer)

    def functions(self) -> list[int]:
        """The host's addresses of what the shim calls, in the order of its `Cost`."""
        library = _library()
        return [
            ctypes.cast(getattr(library, f"facet_renode_{name}"), ctypes.c_void_p).value or 0
            for name in ("use", "block", "spend", "carried_out", "divide", "skip")
        ]
