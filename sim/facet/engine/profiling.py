"""What a CPU engine counts for the profiler, before names are given to addresses.

The engine counts how often each block of instructions ran, for each node of the tree of calls. The
cycles of each instruction are known by cause, so that all sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt


class Cause(IntEnum):
    """Why a cycle passed; the C side's causes (`facet/cycles/native/causes.h`)."""

    ISSUE = 0
    EXECUTE = 1
    LOAD = 2
    FETCH = 3
    BRANCH = 4
    DIVIDE = 5
    UNALIGNED = 6
    BUS = 7
    FLASH_CODE = 8
    FLASH_DATA = 9
    EXCEPTION = 10

    @property
    def label(self) -> str:
        """The cause's name in reports: ``flash-code``."""
        return self.name.lower().replace("_", "-")


CAUSE_MEANINGS = {
    Cause.ISSUE: "an instruction enters execute",
    Cause.EXECUTE: "further cycles of an instruction, such as the words of PUSH",
    Cause.LOAD: "a load or store waits: for its word, its address or the bus",
    Cause.FETCH: "the core's fetch queue is empty in straight code",
    Cause.BRANCH: "the pipeline is filled again behind a branch",
    Cause.DIVIDE: "further cycles of a division",
    Cause.UNALIGNED: "data that is not aligned takes more accesses",
    Cause.BUS: "an access waits for a slower bus of peripherals",
    Cause.FLASH_CODE: "code waits for the flash",
    Cause.FLASH_DATA: "data waits for the flash",
    Cause.EXCEPTION: "entry into exceptions and return from them",
}
"""What each cause means, for people."""

FIXED_CAUSES = 6
"""The first causes; they are the same in each run of a block from one state of the pipeline."""


class NodeKind(IntEnum):
    """What a node of the tree of calls is."""

    FUNCTION = 0
    MAIN = 1
    THREAD = 2
    HANDLER = 3


RV32_EXCEPTIONS = 256
"""The `number` of a handler node for an exception of RV32: its cause plus this."""

NODE = np.dtype(
    [
        ("parent", "<u4"),
        ("kind", "<u4"),
        ("function", "<u4"),
        ("number", "<u4"),
        ("phase", "<u4"),
        ("mark", "<u4"),
        ("calls", "<u8"),
        ("exception_half_cycles", "<u8"),
    ]
)
"""A node: its parent's index (0: none), a NodeKind, the address of its function, the number of its
operator or exception, its phase's number, the node that the trace shows for it."""

ENTRY = np.dtype(
    [
        ("node", "<u4"),
        ("address", "<u4"),
        ("size", "<u4"),
        ("state", "<u4"),
        ("first_step", "<u4"),
        ("steps", "<u4"),
        ("runs", "<u8"),
    ]
)
"""A block in a node: `steps` instructions from `first_step` on, which ran `runs` times."""

STEP = np.dtype(
    [("waited", "<i8", (len(Cause),)), ("fixed", "u1", (FIXED_CAUSES,)), ("offset", "<u2")]
)
"""An instruction of an entry: cycles by cause that only the runs know, in all of them; cycles in
each run for the fixed causes; its place in the block in bytes."""

STACK = np.dtype([("top", "<u4"), ("low", "<u4"), ("root", "<u4"), ("used", "<u4")])
"""The stack of the thread or handler whose root node is `root`: the present use from `top` down to
`low`, and the bytes of the deepest use that has ended."""

MARK = np.dtype([("half_cycles", "<u8"), ("mark", "<u8")])
"""From this point on, `mark` is the innermost node that the trace shows."""

Table: TypeAlias = npt.NDArray[Any]
"""Rows of one of the structures above."""


@dataclass(frozen=True)
class ProfiledFunction:
    """A function of the firmware.

    Attributes:
        begin, end: its addresses.
        phase: the number of the phase that begins with a call of it; 0 for none.
        numbers_calls: whether its calls through registers are the model's operators.
    """

    begin: int
    end: int
    phase: int = 0
    numbers_calls: bool = False


@dataclass(frozen=True)
class RawProfile:
    """Counts of a run.

    Attributes:
        begin_half_cycles, end_half_cycles: the core's count when counting began, and now.
        instructions: instructions since then.
        nodes, entries, steps, stacks, marks: tables of NODE, ENTRY, STEP, STACK, MARK.
        marks_lost: changes that the list of marks had no room for.
    """

    begin_half_cycles: int
    end_half_cycles: int
    instructions: int
    nodes: Table
    entries: Table
    steps: Table
    stacks: Table
    marks: Table
    marks_lost: int

    @property
    def cycles(self) -> int:
        """Core cycles that were counted."""
        return (self.end_half_cycles - self.begin_half_cycles) // 2


@runtime_checkable
class ProfilingEngine(Protocol):
    """An engine that counts where the cycles go."""

    def start_profile(self, functions: Sequence[ProfiledFunction]) -> None:
        """Begins to count; counts from before are dropped.

        Args:
            functions: the firmware's, sorted by address, without overlaps.
        """

    def read_profile(self) -> RawProfile:
        """The counts so far; the core goes on counting."""
