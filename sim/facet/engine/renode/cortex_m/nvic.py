"""Renode's NVIC as the system control block sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from facet.engine.armv7m.scb import ExceptionControl

_ENABLED, _PENDING, _ACTIVE = 0, 1, 2


class RenodeNvic(ExceptionControl):
    """Pending, enabled and active exceptions and their priorities, kept by Renode.

    Args:
        function: gives a function of the core by its name.
        lines: the number of interrupt inputs that the chip has.
    """

    def __init__(self, function: Callable[[str], Callable[..., Any]], lines: int) -> None:
        self.lines = lines
        self._in_set = function("in_set")
        self._set_enabled = function("set_enabled")
        self._set_pending = function("set_pending")
        self._set_active = function("set_active")
        self._priority = function("priority")
        self._set_priority = function("set_priority")
        self._group_of = function("group_of")
        self._execution_priority = function("execution_priority")

    def is_enabled(self, number: int) -> bool:
        """Whether an exception is enabled."""
        return bool(self._in_set(_ENABLED, number))

    def is_pending(self, number: int) -> bool:
        """Whether an exception is pending."""
        return bool(self._in_set(_PENDING, number))

    def is_active(self, number: int) -> bool:
        """Whether an exception's handler has been entered and not left."""
        return bool(self._in_set(_ACTIVE, number))

    def set_enabled(self, number: int, enabled: bool) -> None:
        """Enables or disables an exception."""
        self._set_enabled(number, int(enabled))

    def set_pending(self, number: int, pending: bool) -> None:
        """Makes an exception pending, or no longer."""
        self._set_pending(number, int(pending))

    def set_active(self, number: int, active: bool) -> None:
        """Changes an exception's active state (SHCSR)."""
        self._set_active(number, int(active))

    def priority(self, number: int) -> int:
        """The priority byte of an exception whose priority is configurable."""
        return int(self._priority(number))

    def set_priority(self, number: int, value: int) -> None:
        """Stores a priority byte; only the implemented upper bits stick."""
        self._set_priority(number, value)

    def group_of(self, number: int) -> int:
        """The part of the priority that decides whether one exception preempts another."""
        return int(self._group_of(number))

    def execution_priority(self) -> int:
        """The priority of what runs now (ARM DDI 0403E, B1.5.4, ExecutionPriority)."""
        return int(self._execution_priority())
