"""The engine's native part: loads the library and mirrors its structures.

Its C sources lie beside this file; `core.h` says what they share.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
from collections.abc import Callable
from typing import Any, Final

from facet import native
from facet.cycles.native_model import CycleBlock, NativeCycleModel
from facet.cycles.timing import Timing

NOWHERE: Final = 1
"""An address at which no instruction lies."""

NO_REGISTER: Final = 0xFF

CHECKS: Final = 8
"""Addresses of a block whose alignment is looked at when it is entered, at most."""

# Block.flags
MAY_UNMASK = 1
EXCLUSIVE = 8

# Step.flags
STEP_LOAD = 1
STEP_STORE = 2
STEP_PLAIN = 4

# Why facet_run returned
STOP_DEADLINE = 0
STOP_WAIT = 1
STOP_FAILED = 2
STOP_MEMORY = 3
STOP_TRAP = 4
STOP_REFUSED = 5
STOP_SITE = 6
STOP_NO_STACK = 7
STOP_BAD_RETURN = 8
STOP_NOT_THUMB = 9
STOP_PROTECTION = 10
STOP_UNPRIVILEGED = 11

# Site.kind
SITE_PYTHON = 0
SITE_DIVIDE = 1
SITE_ALIGN = 2
SITE_SEV = 3
SITE_BASEPRI = 4
SITE_SKIP = 5

_U8, _U16, _U32, _U64 = ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64


class Block(ctypes.Structure):
    """What a block costs; `address` is NOWHERE where the block is not to run."""

    _fields_ = (
        ("address", _U32),
        ("size", _U32),
        ("instructions", _U16),
        ("flags", _U16),
        ("check_count", _U16),
        ("checks", _U8 * CHECKS),
        ("cost", CycleBlock),
    )


class Step(ctypes.Structure):
    """An instruction of a block and the memory that it accesses."""

    _fields_ = (
        ("offset", _U16),
        ("size", _U16),
        ("half_cycles", _U32),
        ("behind", _U32),
        ("flags", _U8),
        ("base", _U8),
        ("index", _U8),
        ("shift", _U8),
        ("displacement", ctypes.c_int32),
        ("bytes", _U32),
    )


class Site(ctypes.Structure):
    """An instruction that has a hook of its own."""

    _fields_ = (
        ("core", ctypes.c_void_p),
        ("kind", _U32),
        ("base", _U32),
        ("index", _U32),
        ("shift", _U32),
        ("displacement", _U32),
        ("mask", _U32),
        ("value", _U32),
        ("special", _U32),
    )


class Counter(ctypes.Structure):
    """A free-running counter that is read natively."""

    _fields_ = (
        ("address", _U32),
        ("down", _U32),
        ("anchor", _U64),
        ("start", _U64),
        ("period", _U64),
        ("divider", _U32),
    )


CostBlock = ctypes.CFUNCTYPE(None, _U32, _U32, ctypes.POINTER(Block))
ListSteps = ctypes.CFUNCTYPE(_U32, _U32, _U32, ctypes.POINTER(Step))
IoRead = ctypes.CFUNCTYPE(_U32, _U32, _U32)
IoWrite = ctypes.CFUNCTYPE(None, _U32, _U32, _U32)


class _Edge(ctypes.Structure):
    _fields_ = (("address", _U32), ("size", _U32))


class Core(ctypes.Structure):
    """The head of the C side's `Core`; what stands behind it is C's own."""

    _fields_ = (
        ("half_cycles", _U64),
        ("deadline", _U64),
        ("instructions", _U64),
        ("skipped_instructions", _U64),
        ("effects", _U64),
        ("access_half_cycles", _U64),
        ("access_pc", _U32),
        ("in_access", _U32),
        ("stop", _U32),
        ("fault_address", _U32),
        ("fault_kind", _U32),
        ("trap", _U32),
        ("exception", _U32),
        ("exc_return", _U32),
        ("failed", _U32),
        ("refused", _U32),
        ("at_site", _U32),
        ("reconsider", _U32),
        ("deadline_hit", _U32),
        ("protection", _U32),
        ("waiting", _U32),
        ("waits_for_event", _U32),
        ("attention", _U32),
        ("resettle", _U32),
        ("masked", _U32),
        ("offered", _U32),
        ("mtvec", _U32),
        ("held", _U32),
        ("misaligned", _U32),
        ("skip_spinning", _U32),
        ("last", _Edge),
        ("blocks_known", _U32),
        ("cost_block", CostBlock),
        ("list_steps", ListSteps),
    )


_CALLS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "core_size": (_U32, ()),
    "head_size": (_U32, ()),
    "step_size": (_U32, ()),
    "site_size": (_U32, ()),
    "counter_size": (_U32, ()),
    "set_up": (None, (ctypes.c_void_p, _U32, ctypes.POINTER(ctypes.c_int), _U32)),
    "set_words": (None, (ctypes.c_void_p,)),
    "attach": (None, (ctypes.c_void_p,)),
    "free": (None, ()),
    "find_registers": (None, ()),
    "set_monitor": (None, (_U64,)),
    "registers_at": (_U64, ()),
    "set_bridge": (None, (_U32,) * 4),
    "run": (_U32, (_U64,)),
    "reconsider": (None, ()),
    "can_run": (_U32, ()),
    "end_wait": (None, ()),
    "forget_blocks": (None, ()),
    "cycle_model": (ctypes.c_void_p, ()),
    "branch_breaks": (None, ()),
    "add_memory": (None, (_U32, _U32, ctypes.c_void_p, _U32)),
    "remove_memory": (None, (_U32,)),
    "map_io": (None, (_U32, _U32, _U32, IoRead, IoWrite)),
    "share_register": (None, (_U32, _U32, _U32, ctypes.POINTER(_U32), _U32)),
    "set_counter": (None, (_U32, ctypes.POINTER(Counter))),
    "add_site": (_U64, (ctypes.POINTER(Site), _U32, _U32)),
    "remove_site": (None, (_U64,)),
    "set_interrupt": (None, (_U32, _U32)),
    "send_event": (None, ()),
    "reset_nvic": (None, ()),
    "configure_nvic": (None, (_U32,) * 7),
    "set_mpu": (None, (_U32, ctypes.POINTER(_U32))),
    "set_pending": (None, (_U32, _U32)),
    "set_enabled": (None, (_U32, _U32)),
    "set_active": (None, (_U32, _U32)),
    "set_priority": (None, (_U32, _U32)),
    "in_set": (_U32, (_U32, _U32)),
    "priority": (_U32, (_U32,)),
    "group_of": (ctypes.c_int, (_U32,)),
    "execution_priority": (ctypes.c_int, ()),
    "enter": (_U32, (_U32, _U32)),
    "enter_handler": (_U32, (_U32, _U32)),
    "rv_enter_trap": (None, (_U32, _U32, _U32)),
    "profile_start": (None, (ctypes.c_void_p, _U32)),
    "profile_reset": (None, ()),
    "profile_list": (ctypes.c_void_p, (_U32, ctypes.POINTER(_U32))),
    "profile_begin": (_U64, ()),
    "profile_instructions": (_U64, ()),
    "profile_marks_lost": (_U32, ()),
    **{
        f"{name}_size": (_U32, ())
        for name in (
            "profiled_function",
            "node",
            "entry",
            "entry_step",
            "stack",
            "mark_change",
        )
    },
}
"""Functions by name without `facet_`: result and arguments; all but the sizes begin with a Core."""

_SIZES: Final = {"head": Core, "step": Step, "site": Site, "counter": Counter}


@functools.cache
def library() -> ctypes.CDLL:
    """The loaded library, its functions declared.

    Raises:
        FacetError: see `facet.native.load`.
    """
    loaded = native.load("engine")
    for name, (result, arguments) in _CALLS.items():
        function = getattr(loaded, f"facet_{name}")
        function.restype = result
        function.argtypes = arguments if name.endswith("_size") else (ctypes.c_void_p, *arguments)
    for name, structure in _SIZES.items():
        assert getattr(loaded, f"facet_{name}_size")() == ctypes.sizeof(structure), name
    return loaded


class NativeCore:
    """One core of the native part.

    Args:
        is_arm: a Cortex-M; else an RV32.
        api: addresses of Unicorn's functions, in the order of the C side's `UnicornApi`.
        ids: Unicorn's register numbers, in the order of the C side's enumeration.
        cost_block: fills in a Block, given address and size in bytes.
        list_steps: lists a block's instructions, given address and size in bytes.
        on_error: receives what one of these raised.
        timing: the Cortex-M4's memory, None for the ESP32-C3's core.
    """

    def __init__(
        self,
        is_arm: bool,
        api: list[int],
        ids: list[int],
        cost_block: Callable[[int, int, Block], None],
        list_steps: Callable[[int, int], list[Step]],
        on_error: Callable[[BaseException], None],
        timing: Timing | None = None,
    ) -> None:
        self._library = library()
        self._memory = mmap.mmap(-1, self._library.facet_core_size())  # zeros, touched when used
        self.core = Core.from_buffer(self._memory)
        self._pointer = ctypes.addressof(self.core)
        self.model = NativeCycleModel(
            self._library, self._library.facet_cycle_model(self._pointer), timing
        )
        self._kept: list[Any] = []  # C holds only pointers

        def cost(address: int, size: int, slot: ctypes._Pointer[Block]) -> None:
            try:
                cost_block(address, size, slot.contents)
            except BaseException as error:
                on_error(error)

        def steps(address: int, size: int, to: ctypes._Pointer[Step]) -> int:
            try:
                listed = list_steps(address, size)
            except BaseException as error:
                on_error(error)
                return 0
            for n, step in enumerate(listed):
                to[n] = step
            return len(listed)

        self.core.cost_block = self._keep(CostBlock(cost))
        self.core.list_steps = self._keep(ListSteps(steps))
        addresses = (ctypes.c_void_p * len(api))(*api)
        numbers = (ctypes.c_int * len(ids))(*ids)
        self.call("set_up", addresses, int(is_arm), numbers, len(ids))

    def __del__(self) -> None:
        if hasattr(self, "_pointer"):
            self._library.facet_free(self._pointer)

    def call(self, name: str, *arguments: Any) -> Any:
        """Calls the C function `facet_<name>` with this core."""
        return getattr(self._library, f"facet_{name}")(self._pointer, *arguments)

    def function(self, name: str) -> Callable[..., Any]:
        """The C function `facet_<name>` with this core as its first argument, for many calls."""
        return functools.partial(getattr(self._library, f"facet_{name}"), self._pointer)

    def map_io(
        self,
        base: int,
        size: int,
        shared: bool,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        """Adds a window of registers; see `facet.engine.protocol.Engine.map_io`."""

        def on_read(address: int, size: int) -> int:
            try:
                return read(address, size) & 0xFFFF_FFFF
            except BaseException as error:
                on_error(error)
                return 0

        def on_write(address: int, size: int, value: int) -> None:
            try:
                write(address, size, value)
            except BaseException as error:
                on_error(error)

        self.call(
            "map_io",
            base,
            size,
            int(shared),
            self._keep(IoRead(on_read)),
            self._keep(IoWrite(on_write)),
        )

    def _keep(self, callback: Any) -> Any:
        self._kept.append(callback)
        return callback
