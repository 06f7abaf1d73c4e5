"""Timers as up-counters with an update event (RM0351, sections 30 to 33): TIM6 and TIM7.

The counter runs without events: it is updated when the firmware accesses a register, and an event
is planned only for an interrupt, the end of a single pulse or the edge of a pin.
"""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.chip.stm32l4.tim_registers import KINDS, CounterRegisters, TimerKind
from facet.clock import ClockSignal

UIE = UIF = UG = 1
"""The update's bit in DIER, SR and EGR; channels too have the same bits in all three."""


class BasicTimer(CounterRegisters):
    """TIM6 or TIM7, and the base of the other timers.

    Args:
        name: such as TIM6.
        base: address of TIMx_CR1.
        chip: the chip's services.
        clock: the timer's kernel clock.
        irq: its interrupt's line.
        set_line: drives the line; several timers may share one.
        kind: the timer's functions besides the counter.
    """

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        clock: ClockSignal,
        irq: int,
        set_line: Callable[[int, bool], None] | None = None,
        kind: TimerKind = KINDS["TIM6"],
    ) -> None:
        super().__init__(name, base, chip)
        self.kind = kind
        self.declare(kind)
        self._clock = clock
        self._irq = irq
        self._set_line = set_line or chip.set_interrupt
        self._max = (1 << kind.counter_bits) - 1
        self._count = 0  # the counter at the clock's tick `_since`
        self._since = 0
        self._prescaler = 0  # the preloaded values that are in use
        self._reload = self._max
        self._overflows_left = 0  # until the next update event, besides the coming one
        self._next = TickTimer(chip, clock, self._due, f"{name} event")
        self.ARR.value = self._max

    def reset(self) -> None:
        """Carries out a system reset: stopped, with the longest period."""
        super().reset()
        self.ARR.value = self._max
        self._count = self._prescaler = self._overflows_left = 0
        self._reload = self._max
        self._since = self._clock.ticks()
        self._settle()

    # -- the firmware's accesses
    def read(self, offset: int, size: int) -> int:
        """Reads a register after an update of the counter."""
        self._advance()
        return super().read(offset, size)

    def write(self, offset: int, size: int, written: int) -> None:
        """Writes a register after an update of the counter."""
        self._advance()
        super().write(offset, size, written)
        self._settle()

    def write_CR1(self, value: int, old: int) -> None:
        """Starts and stops the counter by CEN."""
        if value & ~old & 1:
            self._since = self._clock.ticks()
        self._check_cr1()

    def _check_cr1(self) -> None:
        """Reports the modes of CR1 that are not modelled."""

    def write_DIER(self, value: int, old: int) -> None:
        """Enables the interrupt; other enables are reported."""
        if self.DIER["UDE"]:
            self.not_modelled(f"a DMA request (DIER={value:#x})")

    def write_EGR(self, value: int, old: int) -> None:
        """Restarts the counter by UG with the preloaded values; sets UIF unless URS (33.4.5)."""
        self.EGR.value = 0
        if value & UG:
            self._count = 0
            self._since = self._clock.ticks()
            self._overflows_left = 0
            self._update_event(by_software=True)
            self._reached()

    def read_CNT(self) -> int:
        """Gives the counter, with a copy of UIF in bit 31 where UIFREMAP is set."""
        copy = self.SR["UIF"] << 31 if self.CR1["UIFREMAP"] else 0
        return self._count | copy

    def write_CNT(self, value: int, old: int) -> None:
        """Sets the counter."""
        self._count = value & self._max
        self._reached()

    def write_ARR(self, value: int, old: int) -> None:
        """Changes the reload value at once, or with the next update if ARPE is set."""
        self.ARR.value = value & self._max
        if not self.CR1["ARPE"]:
            self._reload = self.ARR.value

    # -- counting
    def _advance(self) -> None:
        """Updates the counter and the flags to the present."""
        if not self.CR1["CEN"]:
            return
        now = self._clock.ticks()
        while self._reload:
            period = self._prescaler + 1
            steps = (now - self._since) // period
            to_overflow = self._last() + 1 - self._count
            if steps < to_overflow:
                self._passed(self._count, self._count + steps)
                self._count += steps
                self._since += steps * period
                return
            self._passed(self._count, self._last())
            self._since += to_overflow * period
            self._count = 0
            self._wrapped()
            self._overflowed(1)
            self._reached()
            if not self.CR1["CEN"]:
                return
            # Further whole periods are all alike.
            lap = (self._prescaler + 1) * (self._reload + 1)
            laps = (now - self._since) // lap
            if laps and self._reload:
                self._since += laps * lap
                for _ in range(2 - laps % 2):  # a toggled output has a period of two laps
                    self._passed(0, self._last())
                    self._wrapped()
                    self._reached()
                self._overflowed(laps)
        self._since = now  # the counter is blocked while ARR is 0 (33.4.9)

    def _last(self) -> int:
        """The value before the overflow; a counter above ARR first counts to its maximum."""
        return self._reload if self._count <= self._reload else self._max

    def _overflowed(self, times: int) -> None:
        """Handles `times` overflows of the counter."""
        if times <= self._overflows_left:
            self._overflows_left -= times
            return
        repetition = self._repetition()
        after_first = times - self._overflows_left - 1
        self._overflows_left = repetition - after_first % (repetition + 1)
        self._update_event()

    def _repetition(self) -> int:
        """The number of overflows between two update events (RCR.REP)."""
        return 0

    def _update_event(self, *, by_software: bool = False) -> None:
        if self.CR1["UDIS"]:
            return
        self._prescaler = self.PSC.value
        self._reload = self.ARR.value
        if by_software:
            self._overflows_left = self._repetition()
        if not (by_software and self.CR1["URS"]):
            self.SR["UIF"] = 1
        if self.CR1["OPM"] and not by_software:
            self.CR1["CEN"] = 0

    # -- hooks of timers with channels
    def _passed(self, first: int, last: int) -> None:
        """Handles a count from `first` up to `last`."""

    def _wrapped(self) -> None:
        """Handles an overflow of the counter."""

    def _reached(self) -> None:
        """Handles a new value of the counter."""

    def _steps_to_event(self) -> int | None:
        """The number of steps to the next event of a channel; None where there is none."""
        if (self.DIER["UIE"] and not self.SR["UIF"]) or self.CR1["OPM"]:
            return self._last() + 1 - self._count
        return None

    # -- events
    def _due(self) -> None:
        self._advance()
        self._settle()

    def _settle(self) -> None:
        """Drives the interrupts and plans the next event."""
        self._drive_interrupts()
        steps = self._steps_to_event() if self.CR1["CEN"] and self._reload else None
        if steps is None:
            self._next.cancel()
        else:
            self._next.set(self._since + steps * (self._prescaler + 1))

    def _drive_interrupts(self) -> None:
        self._set_line(self._irq, bool(self.SR.value & self.DIER.value & UIF))
