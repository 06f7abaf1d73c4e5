"""Exception numbers and names of the ARMv7-M architecture (ARM DDI 0403E, B1.5.2)."""

from __future__ import annotations

RESET = 1
NMI = 2
HARD_FAULT = 3
MEM_MANAGE = 4
BUS_FAULT = 5
USAGE_FAULT = 6
SVCALL = 11
DEBUG_MONITOR = 12
PENDSV = 14
SYSTICK = 15
FIRST_INTERRUPT = 16

NAMES = {
    RESET: "Reset",
    NMI: "NMI",
    HARD_FAULT: "HardFault",
    MEM_MANAGE: "MemManage",
    BUS_FAULT: "BusFault",
    USAGE_FAULT: "UsageFault",
    SVCALL: "SVCall",
    DEBUG_MONITOR: "DebugMonitor",
    PENDSV: "PendSV",
    SYSTICK: "SysTick",
}

# What the core's own part of an entry and a return takes with no wait states (ARM 100166, 3.9.1).
ENTRY_CYCLES = 12
RETURN_CYCLES = 10
TAIL_CHAIN_CYCLES = 6


def name(number: int) -> str:
    """The exception's name for a person: ``HardFault``, ``IRQ 38``."""
    return NAMES.get(number, f"IRQ {number - FIRST_INTERRUPT}")
