"""The native NVIC as the system control block sees it."""

from __future__ import annotations

from facet.engine.armv7m.scb import ExceptionControl
from facet.engine.unicorn.native import NativeCore

_ENABLED, _PENDING, _ACTIVE = 0, 1, 2


class NativeNvic(ExceptionControl):
    """Pending, enabled and active exceptions and their priorities, kept in C.

    Args:
        native: the core.
        lines: the number of interrupt inputs that the chip has.
    """

    def __init__(self, native: NativeCore, lines: int) -> None:
        self._call = native.call
        self.lines = lines

    def is_enabled(self, number: int) -> bool:
        """Whether an exception is enabled."""
        return bool(self._call("in_set", _ENABLED, number))

    def is_pending(self, number: int) -> bool:
        """Whether an exception is pending."""
        return bool(self._call("in_set", _PENDING, number))

    def is_active(self, number: int) -> bool:
        """Whether an exception's handler has been entered and not left."""
        return bool(self._call("in_set", _ACTIVE, number))

    def set_enabled(self, number: int, enabled: bool) -> None:
        """Enables or disables an exception."""
        self._call("set_enabled", number, int(enabled))

    def set_pending(self, number: int, pending: bool) -> None:
        """Makes an exception pending, or no longer."""
        self._call("set_pending", number, int(pending))

    def set_active(self, number: int, active: bool) -> None:
        """Changes an exception's active state (SHCSR)."""
        self._call("set_active", number, int(active))

    def priority(self, number: int) -> int:
        """The priority byte of an exception whose priority is configurable."""
        return int(self._call("priority", number))

    def set_priority(self, number: int, value: int) -> None:
        """Stores a priority byte; only the implemented upper bits stick."""
        self._call("set_priority", number, value)

    def group_of(self, number: int) -> int:
        """The part of the priority that decides whether one exception preempts another."""
        return int(self._call("group_of", number))

    def execution_priority(self) -> int:
        """The priority of what runs now (ARM DDI 0403E, B1.5.4, ExecutionPriority)."""
        return int(self._call("execution_priority"))
