"""Blocks of RV32IMC code for the cycle model: where they end, and what they consist of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from facet.cycles.native_model import CODE_CACHED
from facet.cycles.rv32imc import describe
from facet.engine.renode.costs import LONGEST_BLOCK, BlockCosts, Slot
from facet.isa.rv32 import SP, Kind, decode

_ENDS = frozenset({Kind.JUMP, Kind.BRANCH, Kind.MRET, Kind.ECALL, Kind.EBREAK, Kind.WFI})


class Rv32Blocks:
    """Costs the blocks of the ESP32-C3's core.

    Args:
        data_flash: where loads read flash through its cache.
        code: up to a number of bytes of code from an address.
        has_site: whether Renode carries out the instruction at an address in another way.
        on_error: receives what a callback raised.
    """

    def __init__(
        self,
        data_flash: range,
        code: Callable[[int, int], bytes],
        has_site: Callable[[int], bool],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._code, self._has_site = code, has_site
        self.cached: Sequence[range] = ()
        """Addresses whose code is fetched through the flash cache."""
        self.costs = BlockCosts(None, self._describe, on_error)
        self.costs.model.watch_flash(data_flash.start, len(data_flash))

    def longest(self, address: int) -> int:
        """Instructions of a block that begins at an address, at most.

        A block ends behind an access that may go to a register, so that the access knows the exact
        count, and before an instruction with a site.
        """
        count, at = 0, address
        while count < LONGEST_BLOCK:
            code = self._instruction(at)
            if not code or (count and self._has_site(at)):
                break
            this = decode(int.from_bytes(code, "little"))
            count += 1
            at += len(code)
            if this.kind in _ENDS or (this.kind in (Kind.LOAD, Kind.STORE) and this.rs1 != SP):
                break
        return max(1, count)

    def _describe(self, address: int, instructions: int, slot: Slot) -> None:
        code, at = b"", address
        for _ in range(instructions):
            code += self._instruction(at)
            at = address + len(code)
        slot.site = int(self._has_site(address))
        cost = slot.cost
        cost.address, cost.size = address, len(code)
        cost.placement = CODE_CACHED * any(address in window for window in self.cached)
        self.costs.model.describe(cost, describe(code, address))

    def _instruction(self, address: int) -> bytes:
        code = self._code(address, 4)
        return code[: 4 if code[0] & 3 == 3 else 2] if len(code) >= 2 else b""
