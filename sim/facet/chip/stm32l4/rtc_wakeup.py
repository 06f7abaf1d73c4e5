"""The wake-up timer of the RTC (RM0351 38.3.6)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal

_DIVIDERS = (16, 8, 4, 2)  # by CR.WUCKSEL 0..3; above, the timer counts ck_spre


def wakeup_period(wucksel: int, wut: int, ticks_a_second: int) -> int:
    """The timer's period in RTCCLK ticks.

    Args:
        wucksel: RTC_CR.WUCKSEL.
        wut: RTC_WUTR.WUT.
        ticks_a_second: RTCCLK ticks in a second of the calendar.
    """
    counts = wut + 1
    if wucksel < 4:
        return _DIVIDERS[wucksel] * counts
    return ticks_a_second * (counts + (0x1_0000 if wucksel >= 6 else 0))


class WakeUpTimer:
    """Calls `expired` at the end of each period.

    FIDELITY:
        model: With a divided RTCCLK the timer starts at once, and its divider starts from zero.
        silicon: Both are up to a few RTCCLK periods late.
        hides: A first wake-up that differs by less than 0.5 ms.

    Args:
        chip: the event queue.
        rtcclk: the clock that is counted.
        expired: what to do.
        period: the period in RTCCLK ticks, read at the beginning of each period.
        name: for traces.
    """

    def __init__(
        self,
        chip: ChipServices,
        rtcclk: ClockSignal,
        expired: Callable[[], None],
        period: Callable[[], int],
        name: str,
    ) -> None:
        self._expired = expired
        self._period = period
        self._timer = TickTimer(chip, rtcclk, self._period_ended, name)
        self._tick = 0

    def start(self, since: int) -> None:
        """Starts the first period at the RTCCLK tick `since`."""
        self._tick = since + self._period()
        self._timer.set(self._tick)

    def cancel(self) -> None:
        """Stops the timer."""
        self._timer.cancel()

    def _period_ended(self) -> None:
        self.start(self._tick)
        self._expired()
