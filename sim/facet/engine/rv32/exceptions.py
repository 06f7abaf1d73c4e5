"""Exceptions of the ESP32-C3's core, and traps that repeat.

Source: ESP32-C3 Technical Reference Manual, 1.4.3 (mcause). The chip raises no exception for
misaligned addresses: code cannot be at an odd one, and the data bus takes any.
"""

from __future__ import annotations

FETCH_FAULT, ILLEGAL, BREAKPOINT, LOAD_FAULT, STORE_FAULT, ECALL_U, ECALL_M = 1, 2, 3, 5, 7, 8, 11
NAMES = {
    FETCH_FAULT: "instruction access fault",
    ILLEGAL: "illegal instruction",
    BREAKPOINT: "breakpoint",
    LOAD_FAULT: "load access fault",
    STORE_FAULT: "store access fault",
}

_REPEATS_OF_A_LOOP = 3


class TrapLoop:
    """Counts how often a trap handler itself raises the same exception at the same place."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None
        self._repeats = 0

    def reset(self) -> None:
        """Forgets the last exception."""
        self._last = None

    def repeats(self, cause: int, pc: int, in_handler: bool) -> bool:
        """Notes an exception; returns whether it is the last one again.

        Args:
            cause: its code.
            pc: address of the instruction.
            in_handler: whether a trap handler runs.
        """
        again = in_handler and self._last == (cause, pc)
        self._last = cause, pc
        self._repeats = self._repeats + 1 if again else 0
        return again

    @property
    def is_endless(self) -> bool:
        """Whether it has come so often that it never ends."""
        return self._repeats >= _REPEATS_OF_A_LOOP
