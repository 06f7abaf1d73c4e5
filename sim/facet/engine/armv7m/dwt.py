"""DWT: the cycle counter (ARM DDI 0403E, C1.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

CYCCNT_ADDRESS: Final = 0xE000_1004

_CTRL, _CYCCNT, _PCSR = 0x00, 0x04, 0x1C
_CYCCNTENA = 1
_NUMCOMP = 4 << 28


class Dwt:
    """CYCCNT counts core cycles while DEMCR.TRCENA and DWT_CTRL.CYCCNTENA are set.

    FIDELITY:
        model: CYCCNT is stopped in Sleep.
        silicon: It counts where a debugger keeps the core's clock on (DBGMCU_CR.DBG_SLEEP).
        hides: Nothing for firmware that runs without a debugger.

    FIDELITY:
        model: The comparators and the event counters (CPICNT, EXCCNT and others) read 0.
        silicon: The registers count and compare.
        hides: Nothing but their values, which a debugger reads.

    Args:
        cycles: gives the core cycles so far.
    """

    def __init__(self, cycles: Callable[[], int]) -> None:
        self._cycles = cycles
        self.reset()

    def reset(self) -> None:
        """Off, as after power-on."""
        self.trace_enabled = False
        self._control = _NUMCOMP
        self._base = 0
        self._held = 0

    @property
    def counting(self) -> bool:
        """Whether CYCCNT advances."""
        return self.trace_enabled and bool(self._control & _CYCCNTENA)

    @property
    def base(self) -> int:
        """The core cycle at which the running counter was 0."""
        return self._base

    @property
    def _count(self) -> int:
        return (self._cycles() - self._base if self.counting else self._held) & 0xFFFF_FFFF

    def set_trace(self, enabled: bool) -> None:
        """DEMCR.TRCENA was written."""
        count = self._count
        self.trace_enabled = enabled
        self._set(count)

    def read(self, offset: int) -> int:
        """The register at `offset`; 0 for those that are not modelled."""
        if offset == _CYCCNT:
            return self._count
        return {_CTRL: self._control, _PCSR: 0xFFFF_FFFF}.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Writes CTRL or CYCCNT; the others keep nothing."""
        if offset not in (_CTRL, _CYCCNT):
            return
        count = value if offset == _CYCCNT else self._count
        if offset == _CTRL:
            self._control = _NUMCOMP | (value & 0x0FFF_FFFF)
        self._set(count)

    def _set(self, count: int) -> None:
        self._held = count
        self._base = self._cycles() - count
