"""Cycles of the Cortex-M4 that depend on the memory beside it, fitted to a NUCLEO-L4R5ZI.

`docs/accuracy.md` says with which programs, and how far the result is off.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Cycles that depend on the memory that the core works with; M4Timing in C.

    Attributes:
        load_after_load: from one load's address to the next one's; and so on for the others.
        load_use: more for an arithmetic instruction that needs what was just loaded.
        lone_load_use: the same where the load did not overlap another one.
        address_stall: more for an address that the instruction before computes.
        store_indexed: a store with a register offset.
        load_pc_refill: more for a branch by a load.
        flash_load: more for the first of overlapping loads from flash, at zero wait states.
    """

    load_after_load: int = 1
    store_after_load: int = 2
    load_after_store: int = 2
    store_after_store: int = 2
    load_use: int = 1
    lone_load_use: int = 2
    address_stall: int = 1
    store_indexed: int = 2
    load_pc_refill: int = 0
    flash_load: int = 0


STM32L4 = Timing()
"""SRAM1 and SRAM2 of the STM32L4: each write takes two cycles."""
