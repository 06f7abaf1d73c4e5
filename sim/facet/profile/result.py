"""A profile: the cycles of a run by function, line, phase, operator, interrupt and cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from facet.profile.operators import OperatorCost


@dataclass(frozen=True)
class Share:
    """Cycles of one part of a run.

    Attributes:
        name: of the part.
        cycles: in it.
        causes: cycles by the name of their cause; only those that are not 0.
    """

    name: str
    cycles: int
    causes: dict[str, int]


@dataclass(frozen=True)
class FunctionCost:
    """A function; functions that were inlined into it belong to it.

    Attributes:
        name: qualified, without arguments.
        symbol: as the linker has it; empty where there is none.
        address, size: of its code; 0 for what the core does at an exception.
        file: its source file and line; empty where they are not known.
        calls: how often it was called.
        cycles: in it alone. Those of all functions sum up to the run's.
        inclusive: in it and in all that it called.
        instructions: that it executed.
        causes: `cycles` by cause.
        inlined: cycles by the name of the inlined function, innermost; a part of `cycles`.
    """

    name: str
    symbol: str
    address: int
    size: int
    file: str
    calls: int
    cycles: int
    inclusive: int
    instructions: int
    causes: dict[str, int]
    inlined: dict[str, int]


@dataclass(frozen=True)
class LineCost:
    """A line of a source file; code without one has an empty `file` and line 0."""

    file: str
    line: int
    cycles: int
    instructions: int
    causes: dict[str, int]


@dataclass(frozen=True)
class CallCost:
    """Calls of one function by another, from the real stack of calls.

    Attributes:
        calls: how many there were.
        cycles: in the called function and all that it called, when called from here.
    """

    caller: str
    callee: str
    calls: int
    cycles: int


@dataclass(frozen=True)
class InterruptCost:
    """A handler of interrupts or of another exception.

    Attributes:
        name: of the exception, as ``SysTick`` or ``IRQ 38``.
        handler: the function.
        count: how often it was entered.
        cycles: in the handler and in what it called, entry and return included.
    """

    name: str
    handler: str
    count: int
    cycles: int


@dataclass(frozen=True)
class StackUse:
    """The deepest use of a stack by one thread of execution.

    Attributes:
        thread: ``main``, a thread of an operating system, or a handler.
        bytes: from where the stack pointer stood at first to the lowest address used.
    """

    thread: str
    bytes: int


@dataclass(frozen=True)
class Profile:
    """A run's profile.

    Attributes:
        run: what ran: board, model, firmware, versions; a baseline must have the same.
        cycles: core cycles of the run, sleep left out.
        instructions: executed instructions.
        seconds: of virtual time.
        unaccounted: cycles that no instruction has; 0, or a fault of Facet.
        notes: what the reader must know, such as missing symbols.
        memory: flash and RAM by region, object and symbol; see `facet.profile.memory`.
        arena: the model's tensors in the arena; see `facet.profile.arena`.
        accuracy: share of right answers, where faces with labels were shown.
    """

    run: dict[str, Any]
    cycles: int
    instructions: int
    seconds: float
    unaccounted: int
    causes: dict[str, int]
    phases: list[Share]
    threads: list[Share]
    functions: list[FunctionCost]
    lines: list[LineCost]
    operators: list[OperatorCost]
    interrupts: list[InterruptCost]
    calls: list[CallCost]
    stacks: list[StackUse]
    notes: list[str]
    memory: dict[str, Any] = field(default_factory=dict)
    arena: dict[str, Any] = field(default_factory=dict)
    accuracy: float | None = None

    def phase(self, name: str) -> Share | None:
        """A phase by its name."""
        return next((phase for phase in self.phases if phase.name == name), None)
