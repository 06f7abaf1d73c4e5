"""TIM16, whose channel 1 can capture the edges of LSI or LSE (RM0351, section 32).

Firmware uses the capture to measure its low-speed oscillators (RM0351 6.2.17).
"""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bits
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.chip.stm32l4.tim_channels import ChannelTimer, Outputs
from facet.chip.stm32l4.tim_registers import KINDS
from facet.clock import ClockSignal

_CC1IF, _CC1OF = 1 << 1, 1 << 9  # SR
_TI1 = 1  # CCMR1.CC1S: channel 1 is an input, fed by TI1


class CaptureTimer(ChannelTimer):
    """TIM16.

    Args:
        name: TIM16.
        base: address of TIM16_CR1.
        chip: the chip's services.
        clock: the timer's kernel clock.
        irq: its interrupt line.
        lsi, lse: the clocks that OR1.TI1_RMP can connect to channel 1 (32.6.19).
        set_line: drives the line.
        outputs: the pins.
    """

    OR1 = Register(0x50, TI1_RMP=bits(1, 0))

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
        set_line: Callable[[int, bool], None] | None = None,
        outputs: Outputs | None = None,
    ) -> None:
        super().__init__(
            *(name, base, chip),
            kind=KINDS["TIM16"],
            clock=clock,
            irq=irq,
            set_line=set_line,
            outputs=outputs,
        )
        self._edges = {
            choice: TickTimer(chip, source, self._captured, f"{name} capture")
            for choice, source in ((1, lsi), (2, lse))
        }

    def reset(self) -> None:
        """Carries out a system reset: nothing is captured."""
        super().reset()
        self._plan_capture()

    def write_CCER(self, value: int, old: int) -> None:
        """Starts the capture or the output by CC1E."""
        super().write_CCER(value, old)
        self._plan_capture()

    def _capture_enabled(self, number: int) -> None:
        if self._source() is None:
            self.not_modelled("a capture other than of LSI or LSE (CC1S, OR1.TI1_RMP)")

    def write_OR1(self, value: int, old: int) -> None:
        """The clock that channel 1 captures."""
        self._plan_capture()

    def read_CCR(self, number: int) -> int:
        """Gives the captured value and clears CC1IF (32.6.5), or gives the compare value."""
        if not self._compares(number):
            self.SR.value &= ~_CC1IF
            self._settle()
        return self.registers[f"CCR{number}"].value

    def _source(self) -> int | None:
        choice = self.OR1["TI1_RMP"]
        return choice if self.CCMR1_Output["CC1S"] == _TI1 and choice in self._edges else None

    def _plan_capture(self) -> None:
        for timer in self._edges.values():
            timer.cancel()
        source = self._source()
        if source is not None and self.CCER["CC1E"]:
            # CCMR1.IC1PSC has the bits of OC1FE and OC1PE.
            prescaler = self.CCMR1_Output["OC1FE"] | self.CCMR1_Output["OC1PE"] << 1
            self._edges[source].set_after(1 << prescaler)

    def _captured(self) -> None:
        self._advance()
        if self.SR.value & _CC1IF:
            self.SR.value |= _CC1OF  # the earlier value was not read
        self.registers["CCR1"].value = self._count
        self.SR.value |= _CC1IF
        self._settle()
        self._plan_capture()
