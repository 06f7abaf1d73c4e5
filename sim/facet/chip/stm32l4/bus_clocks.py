"""The system clock and the clocks of the buses that derive from it (RM0351 6.2, figure 15)."""

from __future__ import annotations

from collections.abc import Callable

from facet.clock import ClockSignal
from facet.time import Time

_HPRE = {8: 2, 9: 4, 10: 8, 11: 16, 12: 64, 13: 128, 14: 256, 15: 512}
_PPRE = {4: 2, 5: 4, 6: 8, 7: 16}


class BusClocks:
    """SYSCLK, HCLK, PCLK1, PCLK2 and the clocks of the timers.

    Args:
        now: the virtual time.
    """

    def __init__(self, now: Callable[[], Time]) -> None:
        self.sysclk, self.hclk = ClockSignal("SYSCLK", now), ClockSignal("HCLK", now)
        self.pclk1, self.pclk2 = ClockSignal("PCLK1", now), ClockSignal("PCLK2", now)
        self.timclk1, self.timclk2 = ClockSignal("TIMCLK1", now), ClockSignal("TIMCLK2", now)

    def run(self, sysclk_hz: int, *, hpre: int, ppre1: int, ppre2: int) -> None:
        """Sets all clocks.

        Args:
            sysclk_hz: the frequency of SYSCLK in hertz; 0 stops all clocks.
            hpre, ppre1, ppre2: the fields of RCC_CFGR with these names.
        """
        hclk = sysclk_hz // _HPRE.get(hpre, 1)
        self.sysclk.set_hz(sysclk_hz)
        self.hclk.set_hz(hclk)
        for bus, timers, code in (
            (self.pclk1, self.timclk1, ppre1),
            (self.pclk2, self.timclk2, ppre2),
        ):
            divider = _PPRE.get(code, 1)
            bus.set_hz(hclk // divider)
            # RM0351 6.2.16: timers run at twice their bus's clock unless it is undivided.
            timers.set_hz(hclk // divider * (2 if divider > 1 else 1))

    def stop(self) -> None:
        """Stops all clocks, as a Stop mode does."""
        self.run(0, hpre=0, ppre1=0, ppre2=0)
