"""What ran when: phases, operators and handlers as slices of virtual time."""

from __future__ import annotations

from dataclasses import dataclass

from facet.engine.profiling import NodeKind
from facet.profile.analyse import Analysis
from facet.profile.counts import Node
from facet.time import Time


@dataclass(frozen=True)
class Slice:
    """A stretch of virtual time on one track.

    Attributes:
        track: the thread or handler.
        name: the phase, operator or handler.
        kind: ``phase``, ``operator``, ``handler`` or ``thread``.
        begin, end: in virtual time; slices of a track nest.
        cycles: core cycles between the two, interrupts included.
    """

    track: str
    name: str
    kind: str
    begin: Time
    end: Time
    cycles: int


@dataclass
class _Open:
    node: Node
    half_cycles: int


class _Slicer:
    """Turns the engine's marks into slices."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._open: dict[int, list[_Open]] = {}  # by root, the outermost first
        self._running: list[int] = []  # roots: the thread, and the handlers on top of it
        self.slices: list[Slice] = []

    def mark(self, number: int, at: int) -> None:
        """From the count `at` on, the node `number` is the innermost that is shown."""
        path = self._path(number)
        root = path[0].index
        self._switch(root, at)
        known = self._open.setdefault(root, [])
        same = 0
        while same < min(len(known), len(path)) and known[same].node.index == path[same].index:
            same += 1
        self._close(root, same, at)
        known += [_Open(node, at) for node in path[same:]]

    def finish(self, at: int) -> None:
        """The run ended."""
        for root in list(self._open):
            self._close(root, 0, at)

    def _path(self, number: int) -> list[Node]:
        """The shown nodes from the root to a node."""
        nodes = self._analysis.counts.nodes
        path = [nodes[number]]
        while path[-1].parent:
            path.append(nodes[nodes[path[-1].parent].mark])
        return list(reversed(path))

    def _switch(self, root: int, at: int) -> None:
        if root in self._running:
            while self._running[-1] != root:
                self._close(self._running.pop(), 0, at)
        elif self._analysis.counts.nodes[root].kind is NodeKind.HANDLER:
            self._running.append(root)
        else:  # another thread
            for other in self._running:
                self._close(other, 0, at)
            self._running = [root]

    def _close(self, root: int, depth: int, at: int) -> None:
        opened = self._open.get(root, [])
        while len(opened) > depth:
            last = opened.pop()
            if at > last.half_cycles:
                self.slices.append(self._slice(root, last, at))

    def _slice(self, root: int, last: _Open, at: int) -> Slice:
        analysis, nodes = self._analysis, self._analysis.counts.nodes
        name, kind = self._name(last.node)
        return Slice(
            analysis.names.thread(nodes[root]),
            name,
            kind,
            analysis.clock.begin_of(last.half_cycles),
            analysis.clock.end_of(at),
            (at - last.half_cycles) // 2,
        )

    def _name(self, node: Node) -> tuple[str, str]:
        names = self._analysis.names
        if node.kind is NodeKind.HANDLER:
            return names.handler_function(node.number) or names.thread(node), "handler"
        if node.kind is not NodeKind.FUNCTION:
            return names.thread(node), "thread"
        if node.number:
            title = self._analysis.operator_titles.get(node.number, names.of(node))
            return title, "operator"
        return self._analysis.code.phases[node.phase - 1].name, "phase"


def slices_of(analysis: Analysis) -> list[Slice]:
    """The slices of a run by their begin; of the same begin, the longer one first."""
    slicer = _Slicer(analysis)
    for row in analysis.raw.marks:
        slicer.mark(int(row["mark"]), int(row["half_cycles"]))
    slicer.finish(analysis.raw.end_half_cycles)
    return sorted(slicer.slices, key=lambda s: (s.begin, -s.end, s.track, s.name))
