"""The first two entries of the vector table, from which a core starts (ARM DDI 0403E, B1.5.5)."""

from __future__ import annotations

from typing import NamedTuple

SIZE = 8
"""Bytes of both entries."""


class StartVectors(NamedTuple):
    """Where a core starts.

    Attributes:
        stack: the main stack pointer.
        entry: the reset handler, with its Thumb bit.
        problem: why the core locks up here; None if it starts.
    """

    stack: int
    entry: int
    problem: str | None


def start_vectors(table: bytes, address: int) -> StartVectors:
    """Reads the entries.

    Args:
        table: the first `SIZE` bytes of the vector table.
        address: of the table.
    """
    problem = None
    if table == b"\xff" * len(table):
        problem = (
            f"the vector table at {address:#010x} is erased flash; the firmware is not "
            "linked to start there"
        )
    return StartVectors(
        int.from_bytes(table[:4], "little") & ~3, int.from_bytes(table[4:], "little"), problem
    )
