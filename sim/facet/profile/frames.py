"""The tree of calls as frames of a flame graph, inlined functions included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from facet.profile.analyse import Analysis
from facet.profile.counts import Node


@dataclass
class Frame:
    """A function in its place in the tree of calls.

    Attributes:
        name: of the function; an inlined one says so.
        file: where its source is, as file and line; empty where it is not known.
        own: cycles in it alone.
        children: what it called or what was inlined into it, by name.
    """

    name: str
    file: str = ""
    own: int = 0
    children: dict[str, Frame] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Cycles in it and below it."""
        return self.own + sum(child.total for child in self.children.values())

    def child(self, name: str, file: str = "") -> Frame:
        """The frame below this one that has a name; made where it is missing."""
        if name not in self.children:
            self.children[name] = Frame(name, file)
        return self.children[name]


def thread_frames(analysis: Analysis) -> list[Frame]:
    """A tree for each thread of execution and handler; their totals sum up to the run's cycles."""
    counts = analysis.counts
    inlined = _inlined_of_nodes(analysis)
    threads: dict[str, Frame] = {}
    frame_of: dict[int, Frame] = {}
    for node in counts.nodes[1:]:  # a caller comes before what it calls
        if node.parent:
            name, file = _title(analysis, node), _file(analysis, node.function)
            frame = frame_of[node.parent].child(name, file)
        else:
            name = analysis.names.thread(node)
            frame = threads.setdefault(name, Frame(name))
        frame_of[node.index] = frame
        own = node.own_cycles
        for chain, cycles in inlined.get(node.index, {}).items():
            below = frame
            for inner in chain:
                below = below.child(f"{inner} (inlined)")
            below.own += cycles
            own -= cycles
        frame.own += own
    return [frame for frame in threads.values() if frame.total]


def stacks(top: Frame) -> Iterator[tuple[list[Frame], int]]:
    """Each stack of a tree that has cycles of its own, the outermost frame first."""
    todo: list[list[Frame]] = [[top]]
    while todo:
        path = todo.pop()
        if path[-1].own:
            yield path, path[-1].own
        todo += [[*path, child] for child in reversed(path[-1].children.values())]


def _title(analysis: Analysis, node: Node) -> str:
    name = analysis.names.of(node)
    caller = analysis.counts.nodes[node.parent]
    if node.number and not caller.number and node.number in analysis.operator_titles:
        return f"[{analysis.operator_titles[node.number]}] {name}"
    return name


def _file(analysis: Analysis, address: int) -> str:
    line = analysis.code.debug.line_at(address)
    return str(line) if line else ""


def _inlined_of_nodes(analysis: Analysis) -> dict[int, dict[tuple[str, ...], int]]:
    """Cycles of each node by the chain of inlined functions, where there is one."""
    found: dict[int, dict[tuple[str, ...], int]] = {}
    for node, address, _, cycles in analysis.rows:
        chain = analysis.code.debug.inlined_at(address)
        if chain:
            of_node = found.setdefault(node, {})
            of_node[chain] = of_node.get(chain, 0) + int(cycles.sum())
    return found
