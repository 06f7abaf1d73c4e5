"""True random number generator (RM0351, section 27)."""

from __future__ import annotations

from random import Random

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal

NUMBER_CLOCKS = 40
"""RNG clocks from one number to the next (27.3.1)."""

_LEAST_PART_OF_HCLK = 16  # CECS: the RNG's clock is below HCLK / 16 (27.6.2)


class Rng(Peripheral):
    """The RNG.

    FIDELITY:
        model: The numbers are pseudo-random. They are the same in each run with the same seed.
        silicon: The chip makes the numbers from analog noise.
        hides: A program that needs true randomness.

    FIDELITY:
        model: The noise source never fails; SECS and SEIS stay 0.
        silicon: The chip checks the noise source.
        hides: A driver that does not handle a seed error.

    Args:
        name: RNG.
        base: address of RNG_CR.
        chip: the chip's services.
        clk48: the clock that RCC_CCIPR.CLK48SEL selects.
        hclk: the clock that it is compared with.
        irq: its interrupt line.
    """

    CR = Register(0x00, 0, "rw", RNGEN=bit(2), IE=bit(3))
    SR = Register(
        *(0x04, 0, "ro"),
        DRDY=bit(0),
        CECS=bit(1),
        SECS=bit(2),
        CEIS=bit(5, "rc_w0"),
        SEIS=bit(6, "rc_w0"),
    )
    DR = Register(0x08, 0, "ro", RNDATA=bits(31, 0))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        clk48: ClockSignal,
        hclk: ClockSignal,
        irq: int,
    ) -> None:
        super().__init__(name, base, chip)
        self._clk48 = clk48
        self._hclk = hclk
        self._irq = irq
        self._numbers = Random(chip.seed)
        self._next = TickTimer(chip, clk48, self._number_ready, name)
        clk48.subscribe(self._check_clock)
        hclk.subscribe(self._check_clock)

    def reset(self) -> None:
        """Carries out a system reset: off. The sequence of numbers continues."""
        super().reset()
        self._plan()
        self._drive_interrupt()

    def write_CR(self, value: int, old: int) -> None:
        """Switches the generator on and off."""
        if self.CR["RNGEN"] and not old >> 2 & 1 and self._clk48.hz == 0:
            self.violation(
                "rng-no-clock",
                "CR.RNGEN set while the clock that RCC_CCIPR.CLK48SEL selects is off: SR.DRDY "
                "never comes",
            )
        if not self.CR["RNGEN"]:
            self.SR["DRDY"] = 0
        self._check_clock()
        self._plan()
        self._drive_interrupt()

    def write_SR(self, value: int, old: int) -> None:
        """Clears CEIS and SEIS where they are written as 0."""
        self._drive_interrupt()

    def read_DR(self) -> int:
        """Takes the number and starts the next one."""
        if not self.SR["DRDY"]:
            self.violation("rng-not-ready", "DR read while SR.DRDY=0: it gives 0")
            return 0
        number, self.DR.value = self.DR.value, 0
        self.SR["DRDY"] = 0
        self._plan()
        self._drive_interrupt()
        return number

    def _check_clock(self) -> None:
        too_slow = self._clk48.hz * _LEAST_PART_OF_HCLK < self._hclk.hz
        if self.CR["RNGEN"] and too_slow and not self.SR["CECS"]:
            self.SR["CEIS"] = 1
        self.SR["CECS"] = int(self.CR["RNGEN"] and too_slow)
        self._drive_interrupt()

    def _plan(self) -> None:
        if self.CR["RNGEN"] and not self.SR["DRDY"]:
            self._next.set_after(NUMBER_CLOCKS)
        else:
            self._next.cancel()

    def _number_ready(self) -> None:
        self.DR.value = self._numbers.getrandbits(32)
        self.SR["DRDY"] = 1
        self._drive_interrupt()

    def _drive_interrupt(self) -> None:
        raised = self.SR["DRDY"] or self.SR["CEIS"] or self.SR["SEIS"]
        self.chip.set_interrupt(self._irq, bool(raised and self.CR["IE"]))
