"""Timers as up-counters with an update interrupt (RM0351, sections 31, 32 and 33).

Compare and capture channels, slave modes and outputs keep their registers, but do nothing: using
one is reported by name.
"""

from __future__ import annotations

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal


class BasicTimer(Peripheral):
    """TIM6 or TIM7.

    Args:
        name: such as TIM6.
        base: address of TIMx_CR1.
        chip: the chip's services.
        clock: the timer's kernel clock.
        irq: its update interrupt's line.
    """

    counter_bits = 16

    CR1 = Register(
        0x00,
        0,
        "rw",
        CEN=bit(0),
        UDIS=bit(1),
        URS=bit(2),
        OPM=bit(3),
        DIR=bit(4),
        CMS=bits(6, 5),
        ARPE=bit(7),
        CKD=bits(9, 8),
        UIFREMAP=bit(11),
    )
    CR2 = Register(0x04, 0, "rw", MMS=bits(6, 4))
    DIER = Register(0x0C, 0, "rw", UIE=bit(0), CCIE=bits(4, 1), TIE=bit(6), DE=bits(14, 8))
    SR = Register(0x10, 0, "rc_w0", UIF=bit(0), CCIF=bits(4, 1), TIF=bit(6), CCOF=bits(12, 9))
    EGR = Register(0x14, 0, "wo", UG=bit(0), CCG=bits(4, 1), TG=bit(6))
    CNT = Register(0x24)
    PSC = Register(0x28, 0, "rw", PSC=bits(15, 0))
    ARR = Register(0x2C)

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, clock: ClockSignal, irq: int
    ) -> None:
        super().__init__(name, base, chip)
        self._clock = clock
        self._irq = irq
        self._max = (1 << self.counter_bits) - 1
        self._count = 0  # the counter at the clock's tick `_since`
        self._since = 0
        self._prescaler = 0  # the preloaded values that are in use
        self._reload = self._max
        self._told: set[str] = set()
        self._overflow = TickTimer(chip, clock, self._overflowed, f"{name} update")
        self.ARR.value = self._max

    def reset(self) -> None:
        """As after a system reset: stopped, with the longest period."""
        super().reset()
        self.ARR.value = self._max
        self._count = self._prescaler = 0
        self._reload = self._max
        self._since = self._clock.ticks()
        self._settle()

    # -- the firmware's accesses
    def read(self, offset: int, size: int) -> int:
        """A register at this moment."""
        self._advance()
        return super().read(offset, size)

    def write(self, offset: int, size: int, written: int) -> None:
        """Acts on the counter as it is at this moment."""
        self._advance()
        super().write(offset, size, written)
        self._settle()

    def write_CR1(self, value: int, old: int) -> None:
        """CEN starts and stops; other directions than up are named."""
        if value & ~old & 1:
            self._since = self._clock.ticks()
        if self.CR1["DIR"] or self.CR1["CMS"]:
            self._not_modelled("a counter that does not count up (CR1.DIR, CMS)")

    def write_DIER(self, value: int, old: int) -> None:
        """UIE; other interrupts and DMA requests are named."""
        for field in ("CCIE", "TIE", "DE"):
            if self.DIER[field]:
                self._not_modelled(f"DIER={value:#x} (more than UIE)")

    def write_EGR(self, value: int, old: int) -> None:
        """UG: counter to 0, preloaded values in use, UIF unless URS (33.4.5)."""
        self.EGR.value = 0
        if value & 1:
            self._count = 0
            self._since = self._clock.ticks()
            self._update_event(by_software=True)
        if value & ~1:
            self._not_modelled(f"EGR={value:#x} (more than UG)")

    def read_CNT(self) -> int:
        """The counter; with UIFREMAP a copy of UIF in bit 31."""
        copy = self.SR["UIF"] << 31 if self.CR1["UIFREMAP"] else 0
        return self._count | copy

    def write_CNT(self, value: int, old: int) -> None:
        """Puts the counter somewhere."""
        self._count = value & self._max

    def write_ARR(self, value: int, old: int) -> None:
        """The period less one: at once, or with the next update if ARPE."""
        self.ARR.value = value & self._max
        if not self.CR1["ARPE"]:
            self._reload = self.ARR.value

    # -- counting
    def _advance(self) -> None:
        """Brings the counter and UIF up to now."""
        if not self.CR1["CEN"]:
            return
        now = self._clock.ticks()
        while True:
            period = self._prescaler + 1
            steps = (now - self._since) // period
            # Above the reload value the counter runs to its end before it starts over.
            last = self._reload if self._count <= self._reload else self._max
            to_overflow = last + 1 - self._count
            if steps < to_overflow or self._reload == 0:
                break
            self._since += to_overflow * period
            self._count = 0
            self._update_event()
            if not self.CR1["CEN"]:
                return
            laps = (now - self._since) // ((self._prescaler + 1) * (self._reload + 1))
            self._since += laps * (self._prescaler + 1) * (self._reload + 1)
        if self._reload == 0:
            # The counter is blocked while ARR is 0 (33.4.9).
            self._since = now
            return
        self._count += steps
        self._since += steps * period

    def _update_event(self, *, by_software: bool = False) -> None:
        if self.CR1["UDIS"]:
            return
        self._prescaler = self.PSC.value
        self._reload = self.ARR.value
        if not (by_software and self.CR1["URS"]):
            self.SR["UIF"] = 1
        if self.CR1["OPM"] and not by_software:
            self.CR1["CEN"] = 0

    def _overflowed(self) -> None:
        self._advance()
        self._settle()

    def _settle(self) -> None:
        """Drives the interrupt and plans the overflow, where somebody would notice it."""
        self.chip.set_interrupt(self._irq, self._interrupting())
        noticed = (self.DIER["UIE"] and not self.SR["UIF"]) or self.CR1["OPM"]
        if not (self.CR1["CEN"] and noticed and self._reload):
            self._overflow.cancel()
            return
        last = self._reload if self._count <= self._reload else self._max
        self._overflow.set(self._since + (last + 1 - self._count) * (self._prescaler + 1))

    def _interrupting(self) -> bool:
        return bool(self.SR["UIF"] and self.DIER["UIE"])

    def _not_modelled(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self.violation("not-modelled", f"{what} is not modelled by Facet")


class GeneralTimer(BasicTimer):
    """TIM3 or TIM4: a basic timer with the registers of four channels, which do nothing."""

    SMCR = Register(0x08, 0, "rw", SMS=bits(2, 0), SMS_3=bit(16), REST=bits(15, 3))
    CCMR1_Output = Register(0x18)
    CCMR2_Output = Register(0x1C)
    CCER = Register(0x20, 0, "rw", CCER=bits(15, 0))
    CCR1 = Register(0x34)
    CCR2 = Register(0x38)
    CCR3 = Register(0x3C)
    CCR4 = Register(0x40)
    DCR = Register(0x48, 0, "rw", DBA=bits(4, 0), DBL=bits(12, 8))
    DMAR = Register(0x4C, 0, "rw", DMAB=bits(15, 0))
    OR = Register(0x50)

    def write_SMCR(self, value: int, old: int) -> None:
        """Slave modes are named."""
        if self.SMCR["SMS"] or self.SMCR["SMS_3"]:
            self._not_modelled("a slave mode (SMCR.SMS)")

    def write_CCER(self, value: int, old: int) -> None:
        """A channel that is switched on is named."""
        if value & 0x1111:
            self._not_modelled("an enabled channel, capture, compare or PWM (CCER.CCxE)")


class WideTimer(GeneralTimer):
    """TIM2 or TIM5: a general-purpose timer of 32 bits."""

    counter_bits = 32
