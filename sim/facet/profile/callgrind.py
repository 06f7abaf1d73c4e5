"""A profile in Callgrind's form, for KCachegrind, QCachegrind and callgrind_annotate.

Form: Valgrind manual, "Callgrind Format Specification".
"""

from __future__ import annotations

from typing import Final

import numpy as np

from facet.engine.profiling import Cause
from facet.profile.analyse import Analysis
from facet.profile.counts import Cycles, Node
from facet.profile.names import EXCEPTION_CODE

_UNKNOWN: Final = "???"
"""Callgrind's name of what is not known."""

_EVENTS: Final = ("Cycles", "Instr", *(cause.label.title().replace("-", "") for cause in Cause))


def as_callgrind(analysis: Analysis, command: str, creator: str) -> bytes:
    """The file's bytes.

    Args:
        analysis: of the run.
        command: what ran.
        creator: the program that wrote the file, with its version.
    """
    return _Writer(analysis).file(command, creator)


class _Names:
    """Names by number: Callgrind writes a name at its first use only."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, name: str) -> str:
        known = self._numbers.get(name)
        if known is not None:
            return f"({known})"
        self._numbers[name] = len(self._numbers) + 1
        return f"({self._numbers[name]}) {name}"


class _Writer:
    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._files, self._functions = _Names(), _Names()
        self._lines: list[str] = []

    def file(self, command: str, creator: str) -> bytes:
        counts = self._analysis.counts
        total = sum((node.own for node in counts.nodes), np.zeros(len(Cause), np.int64))
        head = [
            "# callgrind format",
            "version: 1",
            f"creator: {creator}",
            f"cmd: {command}",
            "positions: line",
            f"events: {' '.join(_EVENTS)}",
            f"summary: {self._costs(total, counts.instructions)}",
        ]
        own = self._own()
        calls = self._calls()
        for function in dict.fromkeys([*own, *calls]):
            self._function(function, own.get(function, {}), calls.get(function, {}))
        return "\n".join([*head, *self._lines, ""]).encode()

    def _own(self) -> dict[str, dict[tuple[str, int], tuple[int, Cycles]]]:
        """Own costs by function, file and line."""
        found: dict[str, dict[tuple[str, int], tuple[int, Cycles]]] = {}
        analysis = self._analysis
        for node, address, runs, cycles in analysis.rows:
            name = analysis.code.table.name_of(analysis.names.function_address(node, address))
            line = analysis.code.debug.line_at(address)
            place = (line.file, line.line) if line else ("", 0)
            lines = found.setdefault(name, {})
            before = lines.get(place, (0, np.zeros(len(Cause), np.int64)))
            lines[place] = before[0] + runs, before[1] + cycles
        exceptions = np.zeros(len(Cause), np.int64)
        exceptions[Cause.EXCEPTION] = analysis.counts.exception_cycles
        if exceptions.any():
            found[EXCEPTION_CODE] = {("", 0): (0, exceptions)}
        return found

    def _calls(self) -> dict[str, dict[str, tuple[int, int, Cycles]]]:
        """Calls by caller and callee: their number, instructions and cycles with all below."""
        analysis, nodes = self._analysis, self._analysis.counts.nodes
        instructions = np.zeros(len(nodes), np.int64)
        np.add.at(instructions, analysis.counts.node, analysis.counts.runs)
        totals = [node.own.copy() for node in nodes]
        for node in reversed(nodes):
            if node.parent:
                totals[node.parent] += totals[node.index]
                instructions[node.parent] += instructions[node.index]
        found: dict[str, dict[str, tuple[int, int, Cycles]]] = {}
        for node in nodes[1:]:
            if not node.parent:
                continue
            caller, callee = analysis.names.of(nodes[node.parent]), analysis.names.of(node)
            before = found.setdefault(caller, {}).get(
                callee, (0, 0, np.zeros(len(Cause), np.int64))
            )
            within = _is_repeated(nodes, node)
            found[caller][callee] = (
                before[0] + node.calls,
                before[1] + (0 if within else int(instructions[node.index])),
                before[2] + (0 if within else totals[node.index]),
            )
        return found

    def _function(
        self,
        name: str,
        own: dict[tuple[str, int], tuple[int, Cycles]],
        calls: dict[str, tuple[int, int, Cycles]],
    ) -> None:
        file, line = self._place(name)
        self._lines += ["", f"fl={self._files.of(file or _UNKNOWN)}"]
        self._lines.append(f"fn={self._functions.of(name)}")
        at = file
        for (of_line, number), (runs, cycles) in own.items():
            if of_line != at:
                self._lines.append(f"fi={self._files.of(of_line or _UNKNOWN)}")
                at = of_line
            self._lines.append(f"{number} {self._costs(cycles, runs)}")
        if at != file:
            self._lines.append(f"fe={self._files.of(file or _UNKNOWN)}")
        for callee, (count, runs, cycles) in calls.items():
            callee_file, callee_line = self._place(callee)
            self._lines.append(f"cfi={self._files.of(callee_file or _UNKNOWN)}")
            self._lines.append(f"cfn={self._functions.of(callee)}")
            # A function that is entered behind its begin was not called; the form knows no 0 calls.
            self._lines.append(f"calls={max(count, 1)} {callee_line}")
            self._lines.append(f"{line} {self._costs(cycles, runs)}")

    def _place(self, name: str) -> tuple[str, int]:
        """The file and line where a function begins."""
        for function in self._analysis.code.table.find(name):
            line = self._analysis.code.debug.line_at(function.begin)
            if line is not None:
                return line.file, line.line
        return "", 0

    @staticmethod
    def _costs(cycles: Cycles, instructions: int) -> str:
        return " ".join(map(str, [int(cycles.sum()), instructions, *cycles.tolist()]))


def _is_repeated(nodes: list[Node], node: Node) -> bool:
    """Whether the same call is above in the tree: its costs are in there already."""
    edge = nodes[node.parent].function, node.function
    above = nodes[node.parent]
    while above.parent:
        if (nodes[above.parent].function, above.function) == edge:
            return True
        above = nodes[above.parent]
    return False
