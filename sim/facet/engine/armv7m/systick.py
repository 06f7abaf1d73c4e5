"""SysTick: the core's 24-bit down counter (ARM DDI 0403E, B3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from facet.clock import ClockSignal
from facet.timeline import Event, EventQueue

_ENABLE, _TICKINT, _CLKSOURCE, _COUNTFLAG = 1, 2, 4, 1 << 16
CVR_ADDRESS: Final = 0xE000_E018
_EXTERNAL_DIVIDER = 8  # the STM32L4 feeds the external input with HCLK / 8 (RM0351, 6.2)


class Running(NamedTuple):
    """The counter while it runs: it had `value` `ticks_ago` HCLK ticks ago."""

    value: int
    ticks_ago: int
    period: int
    divider: int


class SysTick:
    """Counts HCLK, or HCLK / 8; runs on in Sleep and stands still in Stop, as HCLK does.

    Args:
        hclk: the clock it hangs on.
        events: where its wrap-around is planned.
        on_wrap: called when it reaches 0 with TICKINT set.
        on_change: called when it starts, stops or counts in another way.
    """

    def __init__(
        self,
        hclk: ClockSignal,
        events: EventQueue,
        on_wrap: Callable[[], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._hclk = hclk
        self._events = events
        self._on_wrap = on_wrap
        self._on_change = on_change
        self._event: Event | None = None
        hclk.subscribe(self._plan)
        self.reset()

    def reset(self) -> None:
        """Off."""
        self._control = 0
        self._reload = 0
        self._wrapped = False
        self._zero_tick = 0  # the HCLK tick at which the counter is next (or was last) 0
        self._frozen = 0  # the counter while it is off
        self._from_zero: int | None = None  # ticks left at which it shows 0
        self._cancel()

    def read(self, offset: int) -> int:
        """CTRL (0), LOAD (4), VAL (8) or CALIB (0xC)."""
        if offset == 0x0:
            value = self._control | (_COUNTFLAG if self._wrapped else 0)
            self._wrapped = False
            return value
        if offset == 0x4:
            return self._reload
        if offset == 0x8:
            return self._value()
        return 0  # CALIB: no calibration value modelled, as NOREF would say

    def write(self, offset: int, value: int) -> None:
        """Writes CTRL, LOAD or VAL."""
        if offset == 0x0:
            current = self._value()
            self._control = value & (_ENABLE | _TICKINT | _CLKSOURCE)
            self._start_from(current)
        elif offset == 0x4:
            self._reload = value & 0xFF_FFFF
        elif offset == 0x8:  # any write clears the counter and COUNTFLAG
            self._wrapped = False
            self._start_from(0)

    @property
    def _divider(self) -> int:
        return 1 if self._control & _CLKSOURCE else _EXTERNAL_DIVIDER

    def _value(self) -> int:
        if not self._control & _ENABLE:
            return self._frozen
        left = self._left()
        # From 0 the counter takes the reload value at its next tick, and shows 0 until then.
        return 0 if left == self._from_zero else left

    def _left(self) -> int:
        """Ticks of the counter until it is 0."""
        left = -(-(self._zero_tick - self._hclk.ticks()) // self._divider)
        return left if left >= 0 else left % (self._reload + 1)

    def _start_from(self, value: int) -> None:
        self._frozen = value
        self._from_zero = self._reload + 1 if value == 0 else None
        if self._control & _ENABLE:
            ticks = self._from_zero or value
            self._zero_tick = self._hclk.ticks() + ticks * self._divider
        self._plan()

    @property
    def enabled(self) -> bool:
        """SYST_CSR.ENABLE."""
        return bool(self._control & _ENABLE)

    @property
    def running(self) -> Running | None:
        """How the counter counts now; None while it stands still."""
        if not self._control & _ENABLE or not self._hclk.hz:
            return None
        left, ticks = self._left(), self._hclk.ticks()
        last_zero = self._zero_tick
        if ticks > last_zero:  # the wrap-around is due now
            last_zero += (self._reload + 1) * self._divider
        began = last_zero - left * self._divider
        return Running(self._value(), ticks - began, self._reload + 1, self._divider)

    def _plan(self) -> None:
        self._on_change()
        self._cancel()
        if self._control & _ENABLE and self._reload and self._hclk.hz:
            self._event = self._events.at(
                self._hclk.time_of(self._zero_tick), self._wrap, "SysTick"
            )

    def _cancel(self) -> None:
        if self._event is not None:
            self._event.cancel()
            self._event = None

    def _wrap(self) -> None:
        self._wrapped = True
        self._from_zero = self._reload + 1
        self._zero_tick += (self._reload + 1) * self._divider
        self._plan()
        if self._control & _TICKINT:
            self._on_wrap()
