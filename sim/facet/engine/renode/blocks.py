"""Blocks of code for the cycle model: what each architecture's have in common."""

from __future__ import annotations

from collections.abc import Callable

from facet.cycles.description import BlockDescription
from facet.cycles.timing import Timing
from facet.engine.renode.costs import BlockCosts, Slot


class Blocks:
    """Costs the blocks of a core.

    Args:
        code: gives up to a number of bytes of code from an address.
        has_site: whether Renode carries out the instruction at an address in another way.
        timing: the Cortex-M4's memory, None for the ESP32-C3's core.
        on_error: receives what a callback raised.
    """

    def __init__(
        self,
        code: Callable[[int, int], bytes],
        has_site: Callable[[int], bool],
        timing: Timing | None,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._code, self._has_site = code, has_site
        self.costs = BlockCosts(timing, self._cost, on_error)

    def longest(self, address: int) -> int:
        """Instructions of a block that begins at an address, at most.

        A block ends behind an access that may go to a register, so that the access knows the exact
        count, and before an instruction with a site.
        """
        raise NotImplementedError

    def _instruction(self, address: int) -> bytes:
        """The bytes of the instruction at an address; none outside of memory."""
        raise NotImplementedError

    def _describe(self, code: bytes, address: int) -> BlockDescription:
        """Describes a block."""
        raise NotImplementedError

    def _placement(self, address: int) -> int:
        """Where a block's code lies: CycleBlock.placement."""
        raise NotImplementedError

    def _cost(self, address: int, instructions: int, slot: Slot) -> None:
        code = b""
        for _ in range(instructions):
            code += self._instruction(address + len(code))
        slot.site = int(self._has_site(address))
        cost = slot.cost
        cost.address, cost.size = address, len(code)
        cost.placement = self._placement(address)
        self.costs.model.describe(cost, self._describe(code, address))
