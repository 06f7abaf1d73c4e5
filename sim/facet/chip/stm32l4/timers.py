"""The timers of a chip, with their clocks, shared interrupt lines and pins."""

from __future__ import annotations

from collections.abc import Callable

from facet.board.wiring import Wiring
from facet.chip.peripheral import ChipServices
from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.gpio import Pins
from facet.chip.stm32l4.rcc import Rcc
from facet.chip.stm32l4.tim import BasicTimer
from facet.chip.stm32l4.tim16 import CaptureTimer
from facet.chip.stm32l4.tim_channels import ChannelTimer
from facet.chip.stm32l4.tim_registers import KINDS

_ON_APB2 = ("TIM1", "TIM8", "TIM15", "TIM16", "TIM17")

_LINES = {
    # Timer -> interrupt of the update, interrupt of the channels where it has its own.
    "TIM1": ("TIM1_UP_TIM16", "TIM1_CC"),
    "TIM6": ("TIM6_DAC", None),
    "TIM8": ("TIM8_UP", "TIM8_CC"),
    "TIM15": ("TIM1_BRK_TIM15", None),
    "TIM16": ("TIM1_UP_TIM16", None),
    "TIM17": ("TIM1_TRG_COM_TIM17", None),
}


class _SharedLines:
    """Interrupt lines that several timers drive; a line is active while one timer drives it."""

    def __init__(self, set_interrupt: Callable[[int, bool], None]) -> None:
        self._set_interrupt = set_interrupt
        self._active: dict[int, set[str]] = {}

    def of(self, timer: str) -> Callable[[int, bool], None]:
        """A function that drives lines on behalf of `timer`."""

        def drive(line: int, active: bool) -> None:
            drivers = self._active.setdefault(line, set())
            (drivers.add if active else drivers.discard)(timer)
            self._set_interrupt(line, bool(drivers))

        return drive


class _Pins:
    """The timers' outputs on the nets at the chip's pins."""

    def __init__(self, pins: Pins, wiring: Wiring) -> None:
        self._pins = pins
        self._wiring = wiring
        self._driven: dict[str, str] = {}  # signal -> pin

    def is_routed(self, signal: str) -> bool:
        """Whether a pin carries `signal`."""
        return self._pins.pin_of(signal) is not None

    def drive(self, signal: str, level: int | None) -> None:
        """Drives the pin of `signal`; None, or a new pin, releases the earlier one."""
        pin = self._pins.pin_of(signal) if level is not None else None
        before = self._driven.get(signal)
        if before is not None and before != pin:
            self._wiring.net(before).drive(signal, None)
            del self._driven[signal]
        if pin is not None:
            self._driven[signal] = pin
            self._wiring.net(pin).drive(signal, level)


class Timers:
    """The timers of TIM1 to TIM17 that a chip has.

    Args:
        chip: the chip's services.
        has: whether the chip has a timer of that name.
        rcc: their clocks.
        pins: the GPIO's routing.
        wiring: the board.

    Attributes:
        all: every timer.
    """

    def __init__(
        self,
        chip: ChipServices,
        has: Callable[[str], bool],
        rcc: Rcc,
        pins: Pins,
        wiring: Wiring,
    ) -> None:
        self._chip = chip
        self._rcc = rcc
        self._lines = _SharedLines(chip.set_interrupt)
        self._outputs = _Pins(pins, wiring)
        self.all: tuple[BasicTimer, ...] = tuple(self._make(name) for name in KINDS if has(name))
        pins.subscribe(self._pins_changed)

    def _make(self, name: str) -> BasicTimer:
        kind = KINDS[name]
        update, compare = _LINES.get(name, (name, None))
        place = (name, mm.BASE[name], self._chip)
        clock = self._rcc.timclk2 if name in _ON_APB2 else self._rcc.timclk1
        irq, set_line = mm.INTERRUPT[update], self._lines.of(name)
        if not kind.channels:
            return BasicTimer(*place, clock=clock, irq=irq, set_line=set_line)
        if name == "TIM16":
            return CaptureTimer(
                *place,
                clock=clock,
                irq=irq,
                lsi=self._rcc.lsi,
                lse=self._rcc.lse,
                set_line=set_line,
                outputs=self._outputs,
            )
        return ChannelTimer(
            *place,
            kind=kind,
            clock=clock,
            irq=irq,
            irq_compare=mm.INTERRUPT[compare] if compare else None,
            set_line=set_line,
            outputs=self._outputs,
        )

    def _pins_changed(self) -> None:
        for timer in self.all:
            if isinstance(timer, ChannelTimer):
                timer.pins_changed()
