"""Blocks of Thumb code for the cycle model: where they end, and what they consist of.

FIDELITY:
    model: In Renode with `--cycles`, a branch behind a load or store in the same IT block counts as
        taken.
    silicon: It is taken where its condition holds.
    hides: One or two cycles each time that it is not taken.
"""

from __future__ import annotations

from collections.abc import Callable

from facet.cycles.cortex_m4 import CortexM4Blocks, ThumbBlock
from facet.cycles.native_model import CODE_IN_FLASH
from facet.cycles.thumb import size_of, thumb
from facet.cycles.thumb_instruction import PC, SP, Kind, Thumb
from facet.cycles.timing import STM32L4
from facet.engine.renode.blocks import Blocks
from facet.engine.renode.costs import LONGEST_BLOCK

_EXCEPTION_RETURNS = 1 << PC


class ThumbBlocks(Blocks):
    """Costs the blocks of a Cortex-M4.

    Args:
        flash: where code waits for the flash interface.
        code, has_site, on_error: as for `Blocks`.
    """

    def __init__(
        self,
        flash: range,
        code: Callable[[int, int], bytes],
        has_site: Callable[[int], bool],
        on_error: Callable[[BaseException], None],
    ) -> None:
        super().__init__(code, has_site, STM32L4, on_error)
        self._flash = flash
        self._blocks = CortexM4Blocks(self._constant, STM32L4)
        self.costs.model.watch_flash(flash.start, len(flash))
        self.costs.model.place_flash(flash.start)

    def longest(self, address: int) -> int:
        """Instructions of a block that begins at an address, at most.

        A block is not cut where the cost of what follows depends on what stands before: within an
        IT block, and before an IT that folds.
        """
        count, at = 0, address
        conditional = 0  # instructions of an IT block that are still to come
        before: Thumb | None = None
        while True:
            code = self._instruction(at)
            if not code or (count and self._has_site(at)):
                break
            this = thumb(code)
            folds = this.kind is Kind.IT and before is not None and before.size == 2
            if count >= LONGEST_BLOCK and not conditional and not folds:
                break
            count += 1
            at += len(code)
            access = this.access
            if access is not None and access.base not in (SP, PC):
                break
            if this.writes & _EXCEPTION_RETURNS:
                break
            conditional = this.it_length or max(0, conditional - 1)
            before = this
        return max(1, count)

    def _describe(self, code: bytes, address: int) -> ThumbBlock:
        return self._blocks.describe(code, address)

    def _placement(self, address: int) -> int:
        return CODE_IN_FLASH * (address in self._flash)

    def _instruction(self, address: int) -> bytes:
        code = self._code(address, 4)
        return code[: size_of(code[:2])] if len(code) >= 2 else b""

    def _constant(self, address: int) -> int | None:
        """The word at an address of flash; None elsewhere."""
        if address & 3 or address not in self._flash:
            return None
        return int.from_bytes(self._code(address, 4), "little")
