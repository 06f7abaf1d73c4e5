"""System window watchdog (RM0351, section 37): resets the chip when it is not fed in time."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal

_CLOCK_DIVIDER = 4096  # before the prescaler 2^WDGTB (37.4.2)
_LAST = 0x40  # the count below which T6 is clear: reset
_T6 = 1 << 6


class Wwdg(Peripheral):
    """The WWDG.

    FIDELITY:
        model: A write of CR also restarts the prescaler.
        silicon: The prescaler runs freely, so that the first step comes up to one prescaler period
            early.
        hides: A refresh that is late by up to one prescaler period.

    Args:
        pclk1: its clock.
        irq: the line of its early wake-up interrupt.
        expired: called when it resets the chip.
    """

    CR = Register(0x00, 0x7F, T=bits(6, 0), WDGA=bit(7, "rs"))
    CFR = Register(0x04, 0x7F, W=bits(6, 0), WDGTB=bits(8, 7), EWI=bit(9, "rs"))
    SR = Register(0x08, 0, "rc_w0", EWIF=bit(0))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        pclk1: ClockSignal,
        irq: int,
        expired: Callable[[], None],
    ) -> None:
        super().__init__(name, base, chip)
        self._pclk1 = pclk1
        self._irq = irq
        self._expired = expired
        self._since = 0  # the clock's tick at which the counter was CR.T
        self._warning = TickTimer(chip, pclk1, self._warn, f"{name} early wake-up")
        self._end = TickTimer(chip, pclk1, self._ran_out, name)

    def reset(self) -> None:
        """Carries out a system reset: off."""
        super().reset()
        self._since = self._pclk1.ticks()
        self._plan()

    def read_CR(self) -> int:
        """Gives the present counter."""
        return self.CR.value & ~0x7F | self._count()

    def write_CR(self, value: int, old: int) -> None:
        """Feeds the watchdog; a feed before the window or with T6 clear resets the chip."""
        if old & 1 << 7:
            count = self._count_from(old & 0x7F)
            if count > self.CFR["W"]:
                self._bite(f"fed while the counter is {count:#x}, above CFR.W={self.CFR['W']:#x}")
        self._since = self._pclk1.ticks()
        if self.CR["WDGA"] and not value & _T6:
            self._bite(f"CR.T={value & 0x7F:#x} written, whose bit T6 is 0")
        self._plan()

    def write_CFR(self, value: int, old: int) -> None:
        """Changes window and prescaler; the counter keeps its value."""
        self.CR["T"] = self._count_from(self.CR["T"], old >> 7 & 3)
        self._since = self._pclk1.ticks()
        self._plan()

    def write_SR(self, value: int, old: int) -> None:
        """Clears EWIF where it is written as 0."""
        self._drive_interrupt()

    def _step(self, prescaler: int) -> int:
        return _CLOCK_DIVIDER << prescaler

    def _count(self) -> int:
        return self._count_from(self.CR["T"])

    def _count_from(self, loaded: int, prescaler: int | None = None) -> int:
        step = self._step(self.CFR["WDGTB"] if prescaler is None else prescaler)
        return (loaded - (self._pclk1.ticks() - self._since) // step) & 0x7F

    def _plan(self) -> None:
        self._drive_interrupt()
        if not self.CR["WDGA"]:
            self._warning.cancel()
            self._end.cancel()
            return
        step, loaded = self._step(self.CFR["WDGTB"]), self.CR["T"]
        self._end.set(self._since + max(loaded - _LAST + 1, 0) * step)
        if loaded > _LAST:
            self._warning.set(self._since + (loaded - _LAST) * step)
        else:
            self._warning.cancel()

    def _warn(self) -> None:
        self.SR["EWIF"] = 1
        self._drive_interrupt()

    def _ran_out(self) -> None:
        self._bite("the counter fell below 0x40")

    def _bite(self, why: str) -> None:
        self.violation("watchdog", f"{why}: the chip resets")
        self._expired()

    def _drive_interrupt(self) -> None:
        self.chip.set_interrupt(self._irq, bool(self.SR["EWIF"] and self.CFR["EWI"]))
