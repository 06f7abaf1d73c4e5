"""TIM16: an up-counter whose channel 1 can capture the edges of LSI or LSE (RM0351, section 32).

Firmware measures its low-speed oscillators this way (RM0351 6.2.17).
"""

from __future__ import annotations

from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.chip.stm32l4.tim import BasicTimer
from facet.clock import ClockSignal

_UIE, _CC1IE = 1, 1 << 1  # DIER; the flags lie in the same bits of SR
_CC1IF, _CC1OF = 1 << 1, 1 << 9  # SR
_TI1 = 1  # CCMR1.CC1S: channel 1 is an input, fed by TI1


class CaptureTimer(BasicTimer):
    """TIM16.

    Args:
        name: TIM16.
        base: address of TIM16_CR1.
        chip: the chip's services.
        clock: the timer's kernel clock.
        irq: its interrupt line.
        lsi, lse: what OR1.TI1_RMP can put on channel 1 (32.6.19).
    """

    CCMR1_Output = Register(0x18, CC1S=bits(1, 0), IC1PSC=bits(3, 2), IC1F=bits(7, 4))
    CCER = Register(0x20, CC1E=bit(0), CC1P=bit(1), CC1NE=bit(2), CC1NP=bit(3))
    # FIDELITY: the repetition counter is stored only; silicon makes an update event at every
    # (RCR + 1)th overflow; hides interrupts that come too often.
    RCR = Register(0x30, REP=bits(7, 0))
    CCR1 = Register(0x34, CCR1=bits(15, 0))
    BDTR = Register(0x44)
    DCR = Register(0x48, DBA=bits(4, 0), DBL=bits(12, 8))
    DMAR = Register(0x4C, DMAB=bits(15, 0))
    OR1 = Register(0x50, TI1_RMP=bits(1, 0))
    OR2 = Register(0x60)

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        clock: ClockSignal,
        irq: int,
        lsi: ClockSignal,
        lse: ClockSignal,
    ) -> None:
        super().__init__(name, base, chip, clock=clock, irq=irq)
        self._edges = {
            choice: TickTimer(chip, source, self._captured, f"{name} capture")
            for choice, source in ((1, lsi), (2, lse))
        }

    def reset(self) -> None:
        """As after a system reset: nothing is captured."""
        super().reset()
        self._plan_capture()

    def write_DIER(self, value: int, old: int) -> None:
        """UIE and CC1IE; other interrupts and DMA requests are named."""
        if value & ~(_UIE | _CC1IE):
            self._not_modelled(f"DIER={value:#x} (more than UIE and CC1IE)")

    def write_CCER(self, value: int, old: int) -> None:
        """CC1E starts the capture; a channel that reads or drives a pin is named."""
        self._plan_capture()
        if value & ~old & 1 and self._source() is None:
            self._not_modelled("channel 1 other than as a capture of LSI or LSE (CCER.CC1E)")

    def write_OR1(self, value: int, old: int) -> None:
        """What channel 1 captures."""
        self._plan_capture()

    def read_CCR1(self) -> int:
        """The captured value; reading it clears CC1IF (32.6.5)."""
        self.SR.value &= ~_CC1IF
        self._settle()
        return self.CCR1.value

    def _interrupting(self) -> bool:
        return bool(self.SR.value & self.DIER.value & (_UIE | _CC1IE))

    def _source(self) -> int | None:
        choice = self.OR1["TI1_RMP"]
        return choice if self.CCMR1_Output["CC1S"] == _TI1 and choice in self._edges else None

    def _plan_capture(self) -> None:
        for timer in self._edges.values():
            timer.cancel()
        source = self._source()
        if source is not None and self.CCER["CC1E"]:
            self._edges[source].set_after(1 << self.CCMR1_Output["IC1PSC"])

    def _captured(self) -> None:
        self._advance()
        if self.SR.value & _CC1IF:
            self.SR.value |= _CC1OF  # the value before was not read
        self.CCR1.value = self._count
        self.SR.value |= _CC1IF
        self._settle()
        self._plan_capture()
