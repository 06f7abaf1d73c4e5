"""Turns the engine's counts into a profile: gives names to numbers and sums up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from facet.engine.profiling import Cause, NodeKind, RawProfile
from facet.firmware.elf import Firmware
from facet.firmware.flat import FlatImage
from facet.model.tflite import Model
from facet.profile.clock_map import ClockMap
from facet.profile.counts import Counts, Cycles, Node, grouped, named
from facet.profile.debug_info import DebugInfo, Line
from facet.profile.functions import FunctionTable
from facet.profile.names import EXCEPTION_CODE, Names
from facet.profile.operators import OperatorCost, model_in, operator_costs
from facet.profile.phases import OTHER, Phase
from facet.profile.result import (
    CallCost,
    FunctionCost,
    InterruptCost,
    LineCost,
    Profile,
    Share,
    StackUse,
)
from facet.time import Time

_NO_CYCLES: Final = np.zeros(len(Cause), np.int64)


@dataclass(frozen=True)
class Code:
    """What is known of a firmware's code.

    Attributes:
        firmware: the file.
        debug: its debugging information.
        table: its functions.
        phases: by the numbers that the engine counted with, from 1.
        machine: the ELF machine that its chip runs.
        interrupts: names of the chip's interrupts by number.
        read: the bytes at an address of the chip's memory; empty where it has none.
    """

    firmware: Firmware | FlatImage
    debug: DebugInfo
    table: FunctionTable
    phases: list[Phase]
    machine: str
    interrupts: Mapping[int, str]
    read: Callable[[int, int], bytes]


class Analysis:
    """A run's counts with the names of the firmware.

    Args:
        raw: the engine's counts.
        clock: the core's clock over the run.
        code: of the firmware.
    """

    def __init__(self, raw: RawProfile, clock: ClockMap, code: Code) -> None:
        self.raw, self.clock, self.code = raw, clock, code
        self.counts = Counts(raw)
        self.names = Names(
            self.counts, code.table, code.interrupts if code.machine == "EM_ARM" else None
        )

    def profile(self, run: dict[str, Any], now: Time, **more: Any) -> Profile:
        """The profile.

        Args:
            run: what ran.
            now: virtual time at the end.
            more: further attributes of `Profile`.
        """
        counts = self.counts
        operators, note = self.operators
        notes = [*self._notes(), *([note] if note else [])]
        return Profile(
            run=run,
            cycles=counts.cycles,
            instructions=counts.instructions,
            seconds=now.in_s,
            unaccounted=counts.unaccounted,
            causes=named(sum((node.own for node in counts.nodes), _NO_CYCLES)),
            phases=self._phases(),
            threads=self._threads(),
            functions=self._functions(),
            lines=self._lines(),
            operators=operators,
            interrupts=self._interrupts(),
            calls=self._calls(),
            stacks=self._stacks(),
            notes=notes,
            **more,
        )

    @cached_property
    def rows(self) -> list[tuple[int, int, int, Cycles]]:
        """Each counted instruction: node, address, runs, cycles by cause."""
        counts = self.counts
        return list(
            zip(
                counts.node.tolist(),
                counts.address.tolist(),
                counts.runs.tolist(),
                counts.by_cause,
                strict=True,
            )
        )

    @cached_property
    def model(self) -> Model | None:
        """The model in the firmware's flash."""
        return model_in(self.code.firmware)

    def code_at(self, address: int, size: int) -> bytes:
        """The bytes of code in the chip's memory."""
        return self.code.read(address, size)

    @cached_property
    def operators(self) -> tuple[list[OperatorCost], str | None]:
        """The model's operators, and a note about them."""
        return operator_costs(self.counts, self.code.table, self.model)

    @cached_property
    def operator_titles(self) -> dict[int, str]:
        """Titles of operators by the number that the engine counted with."""
        return {o.number: o.title for o in self.operators[0]}

    def _notes(self) -> list[str]:
        notes = []
        if not self.code.table.has_symbols:
            notes.append(
                f"{self.code.firmware.path} has no symbols: functions are known by the addresses "
                "that were called"
            )
        elif not self.code.debug.is_present:
            notes.append(
                f"{self.code.firmware.path} has no debugging information: no lines and no inlined "
                "functions; compile with -g"
            )
        if self.raw.marks_lost:
            notes.append(f"the timeline lacks the last {self.raw.marks_lost:,} changes")
        return notes

    def _phases(self) -> list[Share]:
        sums = grouped((node.phase, node.own) for node in self.counts.nodes[1:])
        titles = {n: phase.name for n, phase in enumerate(self.code.phases, start=1)}
        order = [*titles, 0]
        return [_share(titles.get(n, OTHER), sums[n]) for n in order if n in sums and sums[n].any()]

    def _threads(self) -> list[Share]:
        root_of = self.root_of
        sums = grouped(
            (self.names.thread(root_of(node)), node.own) for node in self.counts.nodes[1:]
        )
        return [_share(name, cycles) for name, cycles in sums.items() if cycles.any()]

    def root_of(self, node: Node) -> Node:
        """The root of the tree that a node stands in."""
        while node.parent:
            node = self.counts.nodes[node.parent]
        return node

    def _functions(self) -> list[FunctionCost]:
        counts, table, debug = self.counts, self.code.table, self.code.debug
        own = grouped((self.names.function_address(n, a), c) for n, a, _, c in self.rows)
        instructions: dict[int, int] = {}
        inlined: dict[int, dict[str, int]] = {}
        for node, address, runs, cycles in self.rows:
            function = self.names.function_address(node, address)
            instructions[function] = instructions.get(function, 0) + runs
            chain = debug.inlined_at(address)
            if chain:
                names = inlined.setdefault(function, {})
                names[chain[-1]] = names.get(chain[-1], 0) + int(cycles.sum())
        calls: dict[int, int] = {}
        for counted in counts.nodes[1:]:
            if counted.kind is NodeKind.FUNCTION:
                calls[counted.function] = calls.get(counted.function, 0) + counted.calls
        inclusive = self._inclusive()
        found = []
        for address in dict.fromkeys([*own, *calls]):
            known = table.at(address)
            line = debug.line_at(address)
            causes = own.get(address, _NO_CYCLES)
            found.append(
                FunctionCost(
                    name=table.name_of(address),
                    symbol=known.symbol if known else "",
                    address=address,
                    size=known.end - known.begin if known else 0,
                    file=str(line) if line else "",
                    calls=calls.get(address, 0),
                    cycles=int(causes.sum()),
                    inclusive=inclusive.get(address, int(causes.sum())),
                    instructions=instructions.get(address, 0),
                    causes=named(causes),
                    inlined=dict(_by_cost(inlined.get(address, {}).items())),
                )
            )
        if counts.exception_cycles:
            spent, label = counts.exception_cycles, Cause.EXCEPTION.label
            found.append(
                FunctionCost(EXCEPTION_CODE, "", 0, 0, "", 0, spent, spent, 0, {label: spent}, {})
            )
        return sorted(found, key=lambda f: (-f.cycles, -f.inclusive, f.address))

    def _inclusive(self) -> dict[int, int]:
        """Cycles in each function and below it; a recursive call is in the outer one already."""
        found: dict[int, int] = {}
        for node in self.counts.nodes[1:]:
            if self._is_within_itself(node):
                continue
            is_function = node.kind is NodeKind.FUNCTION
            address = node.function if is_function else self.names.code_of_root(node)
            if address is not None:
                found[address] = found.get(address, 0) + node.total
        return found

    def _is_within_itself(self, node: Node) -> bool:
        function, above = node.function, node
        while above.parent:
            above = self.counts.nodes[above.parent]
            if above.kind is NodeKind.FUNCTION and above.function == function:
                return True
        return False

    def _lines(self) -> list[LineCost]:
        debug = self.code.debug
        if not debug.is_present:
            return []
        lines: dict[Line | None, tuple[int, Cycles]] = {}
        for _, address, runs, cycles in self.rows:
            line = debug.line_at(address)
            before = lines.get(line, (0, _NO_CYCLES))
            lines[line] = before[0] + runs, before[1] + cycles
        exceptions = _NO_CYCLES.copy()
        exceptions[Cause.EXCEPTION] = self.counts.exception_cycles
        before = lines.get(None, (0, _NO_CYCLES))
        lines[None] = before[0], before[1] + exceptions
        found = [
            LineCost(
                line.file if line else "", line.line if line else 0, int(c.sum()), runs, named(c)
            )
            for line, (runs, c) in lines.items()
        ]
        return sorted(found, key=lambda e: (-e.cycles, e.file, e.line))

    def _interrupts(self) -> list[InterruptCost]:
        count: dict[int, int] = {}
        cycles: dict[int, int] = {}
        for root in self.counts.roots:
            if root.kind is NodeKind.HANDLER:
                count[root.number] = count.get(root.number, 0) + root.calls
                cycles[root.number] = cycles.get(root.number, 0) + root.total
        return [
            InterruptCost(
                self.names.handler(n), self.names.handler_function(n), count[n], cycles[n]
            )
            for n in sorted(count)
        ]

    def _calls(self) -> list[CallCost]:
        calls: dict[tuple[str, str], list[int]] = {}
        for node in self.counts.nodes[1:]:
            if node.kind is not NodeKind.FUNCTION:
                continue
            caller = self.names.of(self.counts.nodes[node.parent])
            sums = calls.setdefault((caller, self.names.of(node)), [0, 0])
            sums[0] += node.calls
            sums[1] += node.total
        found = [CallCost(*pair, *sums) for pair, sums in calls.items()]
        return sorted(found, key=lambda call: (-call.cycles, call.caller, call.callee))

    def _stacks(self) -> list[StackUse]:
        used: dict[str, int] = {}
        for row in self.raw.stacks:
            top, low = int(row["top"]), int(row["low"])
            depth = max(int(row["used"]), top - low if low <= top else 0)
            name = self.names.thread(self.counts.nodes[int(row["root"])])
            used[name] = max(used.get(name, 0), depth)
        return [StackUse(name, depth) for name, depth in used.items()]


def _share(name: str, cycles: Cycles) -> Share:
    return Share(name, int(cycles.sum()), named(cycles))


def _by_cost(items: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(items, key=lambda item: (-item[1], item[0]))
