"""The engine's counts as rows: cycles by cause of each instruction in each node of the calls."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from facet.engine.profiling import FIXED_CAUSES, Cause, NodeKind, RawProfile

_CAUSES: Final = len(Cause)
KeyT = TypeVar("KeyT", bound=Hashable)
Cycles = npt.NDArray[np.int64]
"""Cycles by cause, one for each member of `Cause`."""


@dataclass
class Node:
    """A node of the tree of calls.

    Attributes:
        index: its number.
        parent: the caller's number; 0 for a root.
        kind: what it is.
        function: the address of its function; 0 for main and for handlers.
        number: of its operator, from 1, or of its exception.
        phase: the number of its phase; 0 for none.
        mark: the node that the trace shows for it.
        calls: how often it was called.
        own: cycles by cause in the function itself.
        total: cycles in it and in what it called.
    """

    index: int
    parent: int
    kind: NodeKind
    function: int
    number: int
    phase: int
    mark: int
    calls: int
    own: Cycles = field(default_factory=lambda: np.zeros(_CAUSES, np.int64))
    total: int = 0
    children: list[int] = field(default_factory=list)

    @property
    def own_cycles(self) -> int:
        """Cycles in the function itself."""
        return int(self.own.sum())


class Counts:
    """All counts of a run.

    Args:
        raw: as the engine has them.

    Attributes:
        cycles: all core cycles of the run.
        unaccounted: cycles of the core that no instruction and no exception has; 0 unless the
            engine's counts contradict each other.
        address, node, runs: of each row, an instruction in a node.
        by_cause: its cycles, a column for each cause.
        nodes: by number; number 0 is nothing.
    """

    def __init__(self, raw: RawProfile) -> None:
        entries, steps = raw.entries, raw.steps
        row_of = _expand(entries["first_step"], entries["steps"])
        entry_of = np.repeat(np.arange(len(entries)), entries["steps"])
        runs = entries["runs"][entry_of].astype(np.int64)
        by_cause = steps["waited"][row_of].astype(np.int64)
        by_cause[:, :FIXED_CAUSES] += steps["fixed"][row_of].astype(np.int64) * runs[:, None]
        self.cycles: Final = raw.cycles
        self.instructions: Final = raw.instructions
        self.address: npt.NDArray[np.int64] = entries["address"][entry_of].astype(np.int64) + steps[
            "offset"
        ][row_of].astype(np.int64)
        self.node: npt.NDArray[np.int64] = entries["node"][entry_of].astype(np.int64)
        self.runs: Final = runs
        self.by_cause: Final = by_cause
        self.nodes: Final = self._nodes(raw)
        self.exception_cycles: Final = int(raw.nodes["exception_half_cycles"].sum()) // 2
        self.unaccounted: Final = raw.cycles - int(by_cause.sum()) - self.exception_cycles

    def _nodes(self, raw: RawProfile) -> list[Node]:
        own = np.zeros((len(raw.nodes), _CAUSES), np.int64)
        np.add.at(own, self.node, self.by_cause)
        own[:, Cause.EXCEPTION] += raw.nodes["exception_half_cycles"].astype(np.int64) // 2
        nodes = [
            Node(
                index,
                int(row["parent"]),
                NodeKind(int(row["kind"])),
                int(row["function"]),
                int(row["number"]),
                int(row["phase"]),
                int(row["mark"]),
                int(row["calls"]),
                own[index],
            )
            for index, row in enumerate(raw.nodes)
        ]
        for node in reversed(nodes):  # a caller comes before what it calls
            node.total += node.own_cycles
            if node.parent:
                nodes[node.parent].total += node.total
        for node in nodes[1:]:
            if node.parent:
                nodes[node.parent].children.append(node.index)
        return nodes

    @property
    def roots(self) -> list[Node]:
        """Main, the threads and the handlers."""
        return [node for node in self.nodes[1:] if not node.parent]

    def by_address(self) -> dict[int, tuple[int, Cycles]]:
        """Runs and cycles by cause of each instruction, over all nodes."""
        addresses, place = np.unique(self.address, return_inverse=True)
        runs = np.zeros(len(addresses), np.int64)
        cycles = np.zeros((len(addresses), _CAUSES), np.int64)
        np.add.at(runs, place, self.runs)
        np.add.at(cycles, place, self.by_cause)
        return {int(a): (int(r), c) for a, r, c in zip(addresses, runs, cycles, strict=True)}


def grouped(
    items: Iterable[tuple[KeyT, Cycles]],
) -> dict[KeyT, Cycles]:
    """Sums cycles by key, in the order of the keys' first appearance."""
    sums: dict[KeyT, Cycles] = {}
    for key, cycles in items:
        if key in sums:
            sums[key] = sums[key] + cycles
        else:
            sums[key] = cycles.copy()
    return sums


def named(cycles: Cycles) -> dict[str, int]:
    """Cycles by the name of their cause, those that are not 0."""
    return {cause.label: int(cycles[cause]) for cause in Cause if cycles[cause]}


def _expand(first: npt.NDArray[Any], count: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The indices first, first + 1 ... of `count` each, one after the other."""
    counts = count.astype(np.int64)
    starts = np.cumsum(counts) - counts
    return np.repeat(first.astype(np.int64) - starts, counts) + np.arange(int(counts.sum()))
