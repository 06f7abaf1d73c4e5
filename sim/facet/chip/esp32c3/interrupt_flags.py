"""The interrupt flags of most peripherals: INT_RAW, INT_ENA, INT_ST and INT_CLR."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.registers import Access, RegisterBlock

KINDS: dict[str, Access] = {"RAW": "ro", "ST": "ro", "ENA": "rw", "CLR": "wo"}
"""The four registers of a group and their write hooks."""


class InterruptFlags:
    """A group of four registers: INT_ST shows the flags of INT_RAW that INT_ENA enables.

    Args:
        block: the peripheral.
        names: the names of the registers, with ``{}`` in the place of RAW, ENA, ST and CLR.
        drive: drives the interrupt sources; called with the value of INT_ST.
        refresh: sets the flags of INT_RAW that a state raises again, such as a FIFO's level.
    """

    def __init__(
        self,
        block: RegisterBlock,
        names: str,
        drive: Callable[[int], None],
        refresh: Callable[[], None] = lambda: None,
    ) -> None:
        self._raw, self._status, self._enable, self._clear = (
            block.registers[names.format(kind)] for kind in KINDS
        )
        self._drive = drive
        self._refresh = refresh
        self._enable.on_write = lambda _value, _old: self.update()
        self._clear.on_write = self._cleared

    def raise_flags(self, flags: int) -> None:
        """Sets bits of INT_RAW."""
        self._raw.value |= flags
        self.update()

    def update(self) -> None:
        """Updates INT_ST and the interrupt from the flags."""
        self._refresh()
        self._status.value = self._raw.value & self._enable.value
        self._drive(self._status.value)

    def _cleared(self, value: int, _old: int) -> None:
        self._clear.value = 0
        self._raw.value &= ~value
        self.update()
