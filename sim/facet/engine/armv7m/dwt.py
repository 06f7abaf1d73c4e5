"""DWT: the cycle counter (ARM DDI 0403E, C1.8)."""

from __future__ import annotations

from collections.abc import Callable

_CYCCNTENA = 1
_NUMCOMP = 4 << 28


class Dwt:
    """CYCCNT counts core cycles while DEMCR.TRCENA and DWT_CTRL.CYCCNTENA are set.

    FIDELITY: CYCCNT stands still in Sleep; silicon's behaviour depends on whether a debugger keeps
    the core's clock on (DBGMCU_CR.DBG_SLEEP); hides nothing for firmware that runs undebugged.

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
    def _counting(self) -> bool:
        return self.trace_enabled and bool(self._control & _CYCCNTENA)

    @property
    def _count(self) -> int:
        return (self._cycles() - self._base if self._counting else self._held) & 0xFFFF_FFFF

    def set_trace(self, enabled: bool) -> None:
        """DEMCR.TRCENA was written."""
        count = self._count
        self.trace_enabled = enabled
        self._set(count)

    def read(self, offset: int) -> int:
        """CTRL (0) or CYCCNT (4)."""
        return self._count if offset == 4 else self._control if offset == 0 else 0

    def write(self, offset: int, value: int) -> None:
        """Writes CTRL or CYCCNT."""
        count = value if offset == 4 else self._count
        if offset == 0:
            self._control = _NUMCOMP | (value & 0x0FFF_FFFF)
        self._set(count)

    def _set(self, count: int) -> None:
        self._held = count
        self._base = self._cycles() - count
