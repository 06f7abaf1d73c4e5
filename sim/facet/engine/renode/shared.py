"""What the engine's Python shares with its C# (shim/Shared.cs)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

# Why `run` returned
STOP_DEADLINE = 0
STOP_WAIT = 1
STOP_FAILED = 2
STOP_MEMORY = 3
STOP_TRAP = 4
STOP_SITE = 5
STOP_NO_STACK = 6
STOP_BAD_RETURN = 7
STOP_UNPRIVILEGED = 8
STOP_UNKNOWN = 9

# Kinds of access
READ = 1
WRITE = 2
EXECUTE = 4

# Site.kind
SITE_NONE = 0
SITE_DIVIDE = 1
SITE_ALIGN = 2
SITE_SEND_EVENT = 3
SITE_BASEPRI = 4
SITE_WAIT_FOR_EVENT = 5
SITE_SETTLE = 6
SITE_PYTHON = 7
SITE_SKIP = 8

# Site.exclusive
LOAD_EXCLUSIVE = 1
STORE_EXCLUSIVE = 2
CLEAR_EXCLUSIVE = 3

NO_REGISTER: Final = 0xFF

_U32, _U64 = ctypes.c_uint32, ctypes.c_uint64


class State(ctypes.Structure):
    """Counters, and the reason of the latest stop."""

    _fields_ = (
        ("instructions", _U64),
        ("skipped", _U64),
        ("at_access", _U64),
        ("pc", _U32),
        ("in_access", _U32),
        ("reconsider", _U32),
        ("failed", _U32),
        ("fault_address", _U32),
        ("fault_access", _U32),
        ("denied", _U32),
        ("trap", _U32),
        ("exception", _U32),
        ("exc_return", _U32),
        ("pointer", _U32),
        ("waiting", _U32),
        ("waits_for_event", _U32),
        ("offered", _U32),
        ("held", _U32),
    )


class Site(ctypes.Structure):
    """An instruction that Renode carries out in another way than the chip."""

    _fields_ = (
        ("kind", _U32),
        ("size", _U32),
        ("base", _U32),
        ("index", _U32),
        ("shift", _U32),
        ("displacement", _U32),
        ("mask", _U32),
        ("value", _U32),
        ("special", _U32),
        ("exclusive", _U32),
        ("skipped", _U32),
        ("longest", _U32),
    )


ReadRegister = ctypes.CFUNCTYPE(_U32, _U32, _U32)
WriteRegister = ctypes.CFUNCTYPE(None, _U32, _U32, _U32)
FindSite = ctypes.CFUNCTYPE(None, _U32, ctypes.POINTER(Site))

_CALLS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "run": (_U32, (_U64,)),
    "get": (_U32, (_U32,)),
    "set": (None, (_U32, _U32)),
    "can_run": (_U32, ()),
    "end_wait": (None, ()),
    "set_interrupt": (None, (_U32, _U32)),
    "send_event": (None, ()),
    "reset": (None, ()),
    "configure": (None, (_U32, _U32)),
    "set_mpu": (None, (_U32, ctypes.c_void_p)),
    "enter": (None, (_U32,)),
    "enter_instead": (None, (_U32, _U32)),
    "forget_code": (None, ()),
    "enter_trap": (None, (_U32, _U32, _U32)),
    "count_carried_out": (None, ()),
    "set_mtvec": (None, (_U32,)),
    "in_set": (_U32, (_U32, _U32)),
    "set_enabled": (None, (_U32, _U32)),
    "set_pending": (None, (_U32, _U32)),
    "set_active": (None, (_U32, _U32)),
    "priority": (_U32, (_U32,)),
    "set_priority": (None, (_U32, _U32)),
    "group_of": (ctypes.c_int32, (_U32,)),
    "execution_priority": (ctypes.c_int32, ()),
}
"""Functions of the C# side by name: result and arguments."""


def function(table: Any, name: str) -> Callable[..., Any]:
    """A function of a core's table in C#, called without the cost of a .NET binding."""
    result, arguments = _CALLS[name]
    called: Callable[..., Any] = ctypes.CFUNCTYPE(result, *arguments)(int(table.Address(name)))
    return called
