"""Blocks of RV32IMC code for the cycle model: where they end, and what they consist of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from facet.cycles.native_model import CODE_CACHED
from facet.cycles.rv32imc import Rv32Block, describe
from facet.engine.renode.blocks import Blocks
from facet.engine.renode.costs import LONGEST_BLOCK
from facet.isa.rv32 import SP, Kind, decode

_ENDS = frozenset({Kind.JUMP, Kind.BRANCH, Kind.MRET, Kind.ECALL, Kind.EBREAK, Kind.WFI})


class Rv32Blocks(Blocks):
    """Costs the blocks of the ESP32-C3's core.

    Args:
        data_flash: where loads read flash through its cache.
        code, has_site, on_error: as for `Blocks`.
    """

    def __init__(
        self,
        data_flash: range,
        code: Callable[[int, int], bytes],
        has_site: Callable[[int], bool],
        on_error: Callable[[BaseException], None],
    ) -> None:
        super().__init__(code, has_site, None, on_error)
        self.cached: Sequence[range] = ()
        """Addresses whose code is fetched through the flash cache."""
        self.costs.model.watch_flash(data_flash.start, len(data_flash))

    def longest(self, address: int) -> int:
        """Instructions of a block that begins at an address, at most."""
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

    def _describe(self, code: bytes, address: int) -> Rv32Block:
        return describe(code, address)

    def _placement(self, address: int) -> int:
        return CODE_CACHED * any(address in window for window in self.cached)

    def _instruction(self, address: int) -> bytes:
        code = self._code(address, 4)
        return code[: 4 if code[0] & 3 == 3 else 2] if len(code) >= 2 else b""
