"""A profile: the cycles of a run by function, line, phase, operator, interrupt and cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from facet.errors import FacetError
from facet.profile.functions import nearest
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

    # -- for limits in tests; each raises FacetError, with the nearest names, for one that is not
    # there
    def phase_cycles(self, phase: str) -> int:
        """Cycles in a phase over the whole run, interrupts included."""
        found = {share.name: share.cycles for share in self.phases}
        return found[_known(phase, found, "phase")]

    def operator_cycles(self, operator: int | str) -> float:
        """Mean cycles of one run of an operator.

        Args:
            operator: its place in the order of execution, or its title such as ``3 CONV_2D``.
        """
        found = {cost.title: cost.cycles_per_run for cost in self.operators}
        numbers = {str(cost.index): cost.title for cost in self.operators}
        title = numbers.get(str(operator), str(operator))
        return found[_known(title, found, "operator")]

    def call_cycles(self, function: str) -> float:
        """Mean cycles of one call of a function, with all that it calls."""
        sums: dict[str, tuple[int, int]] = {}
        for cost in self.functions:
            for name in dict.fromkeys((cost.name, cost.symbol)):
                calls, cycles = sums.get(name, (0, 0))
                sums[name] = calls + cost.calls, cycles + cost.inclusive
        calls, cycles = sums[_known(function, sums, "function that ran")]
        return cycles / calls if calls else float(cycles)

    def stack_bytes(self, thread: str = "main") -> int:
        """Peak stack of a thread of execution, in bytes."""
        found = {stack.thread: stack.bytes for stack in self.stacks}
        return found[_known(thread, found, "thread")]


def _known(name: str, known: Iterable[str], what: str) -> str:
    names = list(known)
    if name in names:
        return name
    hint = nearest(name, names) or f": there are {', '.join(names[:8])}" if names else ""
    raise FacetError(f"the profile has no {what} {name!r}{hint}")
