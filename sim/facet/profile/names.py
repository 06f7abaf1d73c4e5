"""Names for people of what the engine counted by number: handlers, threads, functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facet.engine.profiling import RV32_EXCEPTIONS, NodeKind
from facet.profile.counts import Counts, Node
from facet.profile.functions import FunctionTable

EXCEPTION_CODE: Final = "(exception entry and return)"
"""The name of what the core itself does at an exception."""

_ARM_EXCEPTIONS: Final = {
    2: "NMI",
    3: "HardFault",
    4: "MemManage",
    5: "BusFault",
    6: "UsageFault",
    11: "SVCall",
    12: "DebugMonitor",
    14: "PendSV",
    15: "SysTick",
}
"""ARM DDI 0403E, B1.5.2."""

_FIRST_IRQ: Final = 16


class Names:
    """Names of nodes.

    Args:
        counts: of the run.
        table: the firmware's functions.
        interrupts: names by NVIC position; None for an RV32.
    """

    def __init__(
        self, counts: Counts, table: FunctionTable, interrupts: Mapping[int, str] | None
    ) -> None:
        self._counts, self._table, self._interrupts = counts, table, interrupts
        self._lowest: dict[int, int] = {}
        for node, address in zip(counts.node.tolist(), counts.address.tolist(), strict=True):
            self._lowest[node] = min(address, self._lowest.get(node, address))

    def of(self, node: Node) -> str:
        """A node's name: its function's, or what the root stands for."""
        if node.kind is NodeKind.FUNCTION:
            return self._table.name_of(node.function)
        return "(reset)" if node.kind is NodeKind.MAIN else self.thread(node)

    def thread(self, root: Node) -> str:
        """The name of a thread of execution."""
        if root.kind is NodeKind.MAIN:
            return "main"
        if root.kind is NodeKind.THREAD:
            return f"thread {self._table.name_of(root.function)}"
        return self.handler(root.number)

    def handler(self, number: int) -> str:
        """The name of an exception: ``SysTick``, ``USART2``, ``interrupt 3``, ``exception 11``."""
        if self._interrupts is not None:
            line = number - _FIRST_IRQ
            return _ARM_EXCEPTIONS.get(number) or self._interrupts.get(line, f"IRQ {line}")
        if number >= RV32_EXCEPTIONS:
            return f"exception {number - RV32_EXCEPTIONS}"
        return f"interrupt {number}"

    def handler_function(self, number: int) -> str:
        """The function that handles an exception; empty where it is not known."""
        best: Node | None = None
        for root in self._counts.roots:
            if root.kind is NodeKind.HANDLER and root.number == number:
                for child in root.children:
                    node = self._counts.nodes[child]
                    if best is None or node.total > best.total:
                        best = node
        return self._table.name_of(best.function) if best is not None else ""

    def code_of_root(self, root: Node) -> int | None:
        """Where code without a symbol begins that runs in a root itself; None for none."""
        lowest = self._lowest.get(root.index)
        return lowest if lowest is not None and self._table.at(lowest) is None else None

    def function_address(self, node_number: int, address: int) -> int:
        """The address of the function that a counted instruction belongs to.

        Args:
            node_number: the node that it was counted in.
            address: its own.
        """
        function = self._table.at(address)
        if function is not None:
            return function.begin
        node = self._counts.nodes[node_number]
        # Without a symbol a function is known by the address that was called.
        return node.function or self._lowest[node_number]
