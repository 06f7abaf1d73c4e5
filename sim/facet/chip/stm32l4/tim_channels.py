"""Timers with channels: compare flags and interrupts, output modes, PWM (RM0351 30.3, 31.3)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from facet.chip.peripheral import ChipServices
from facet.chip.registers import RegisterState
from facet.chip.stm32l4.tim import UIF, BasicTimer
from facet.chip.stm32l4.tim_registers import ChannelRegisters, TimerKind
from facet.clock import ClockSignal


class Mode(IntEnum):
    """CCMRx.OCyM: the modes of the output reference OCyREF (31.4.7)."""

    FROZEN = 0
    ACTIVE_ON_MATCH = 1
    INACTIVE_ON_MATCH = 2
    TOGGLE_ON_MATCH = 3
    FORCED_INACTIVE = 4
    FORCED_ACTIVE = 5
    PWM_1 = 6
    PWM_2 = 7


_MOVING = frozenset(Mode) - {Mode.FROZEN, Mode.FORCED_ACTIVE, Mode.FORCED_INACTIVE}
_OWN_INTERRUPTS = 0x1F  # UIE and CCxIE in DIER, and the flags and events with the same bits
_OUTPUT_ENABLES = 0x5555  # CCER.CCxE and CCxNE


class Outputs(Protocol):
    """The pins that timers drive."""

    def drive(self, signal: str, level: int | None) -> None:
        """Drives the pin that carries `signal`, such as ``TIM2_CH1``; None releases it."""

    def is_routed(self, signal: str) -> bool:
        """Whether a pin carries `signal`."""


class NoOutputs:
    """The outputs of a timer without pins."""

    def drive(self, signal: str, level: int | None) -> None:
        """Does nothing."""

    def is_routed(self, signal: str) -> bool:
        """Gives False."""
        return False


class _Channel:
    """A channel in compare mode.

    Attributes:
        compare: the value in use; CCR holds the preloaded one.
        reference: OCxREF in the modes that act on a match.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.flag = 1 << number  # CCxIF in SR, CCxIE in DIER, CCxG in EGR
        self.compare = 0
        self.reference = 0


class ChannelTimer(ChannelRegisters, BasicTimer):
    """A timer with compare channels.

    FIDELITY:
        model: A channel is compared with the counter at each step, and when either is written, even
            while the counter is stopped.
        silicon: The comparison happens at the edges of the clock.
        hides: A flag that comes one clock later.

    FIDELITY:
        model: Outputs have no dead time (BDTR.DTG) and no break input.
        silicon: Each edge of CHx and CHxN is delayed, and a break switches the outputs off.
        hides: Two transistors that conduct at the same time.

    Args:
        name: such as TIM2; its outputs' names begin with it.
        base: address of TIMx_CR1.
        chip: the chip's services.
        kind: its channels and registers.
        clock: the timer's kernel clock.
        irq: its interrupt's line: of the update alone, where `irq_compare` is given.
        irq_compare: the line of the channels.
        set_line: drives a line; several timers may share one.
        outputs: the pins.
    """

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        kind: TimerKind,
        clock: ClockSignal,
        irq: int,
        irq_compare: int | None = None,
        set_line: Callable[[int, bool], None] | None = None,
        outputs: Outputs | None = None,
    ) -> None:
        super().__init__(name, base, chip, clock=clock, irq=irq, set_line=set_line, kind=kind)
        self._irq_compare = irq_compare
        self._outputs = outputs or NoOutputs()
        self._driven: dict[str, int] = {}
        self._channels = [_Channel(number + 1) for number in range(kind.channels)]

    def reset(self) -> None:
        """Carries out a system reset: outputs off, nothing compared."""
        for channel in self._channels:
            channel.compare = channel.reference = 0
        super().reset()

    # -- the firmware's accesses
    def _check_cr1(self) -> None:
        if self.CR1["DIR"] or self.CR1["CMS"]:
            self.not_modelled("a counter that does not count up (CR1.DIR, CMS)")

    def write_SMCR(self, value: int, old: int) -> None:
        """Reports slave modes, which are not modelled."""
        if self.SMCR["SMS"] or self.SMCR["SMS_3"] or self.SMCR["ECE"]:
            self.not_modelled("a slave mode or an external clock (SMCR.SMS, ECE)")

    def write_DIER(self, value: int, old: int) -> None:
        """Enables the interrupts of the update and the channels; other enables are reported."""
        if value & ~_OWN_INTERRUPTS:
            self.not_modelled(f"DIER={value:#x} (more than UIE and CCxIE)")

    def write_EGR(self, value: int, old: int) -> None:
        """Handles UG as the basic timers do; CCxG sets the flag of the channel."""
        super().write_EGR(value, old)
        self.SR.value |= value & _OWN_INTERRUPTS & ~UIF
        if value & ~_OWN_INTERRUPTS:
            self.not_modelled(f"EGR={value:#x} (more than UG and CCxG)")

    def write_CCR(self, number: int, value: int, old: int) -> None:
        """Changes the compare value at once, or with the next update if OCxPE is set."""
        channel = self._channels[number - 1]
        if not self._mode_register(number)[f"OC{number}PE"]:
            channel.compare = value
            if value == self._count:
                self._match(channel)

    def write_CCMR1_Output(self, value: int, old: int) -> None:
        """Changes the modes of channels 1 and 2."""
        self._modes_written((1, 2))

    def write_CCMR2_Output(self, value: int, old: int) -> None:
        """Changes the modes of channels 3 and 4."""
        self._modes_written((3, 4))

    def write_CCER(self, value: int, old: int) -> None:
        """Switches outputs; an input channel is reported."""
        for channel in self._channels:
            number = channel.number
            if self.CCER[f"CC{number}E"] and not self._compares(number):
                self._capture_enabled(number)

    def _modes_written(self, numbers: tuple[int, int]) -> None:
        for channel in self._channels:
            number = channel.number
            if number not in numbers or not self._compares(number):
                continue
            mode = self._mode(number)
            if mode is None:
                self.not_modelled(f"output mode {self._mode_bits(number)} (OC{number}M)")
            elif mode in (Mode.FORCED_ACTIVE, Mode.FORCED_INACTIVE):
                channel.reference = int(mode is Mode.FORCED_ACTIVE)
            if not self._mode_register(number)[f"OC{number}PE"]:
                channel.compare = self.registers[f"CCR{number}"].value

    def _capture_enabled(self, number: int) -> None:
        """Handles a channel that is enabled as an input by CCxS."""
        self.not_modelled(f"channel {number} as an input (CC{number}S, CC{number}E)")

    # -- modes
    def _mode_register(self, number: int) -> RegisterState:
        return self.CCMR1_Output if number < 3 else self.CCMR2_Output

    def _mode_bits(self, number: int) -> int:
        register = self._mode_register(number)
        return register[f"OC{number}M"] | register[f"OC{number}M_3"] << 3

    def _mode(self, number: int) -> Mode | None:
        """The output mode of a channel; None for the combined modes of two channels."""
        bits_ = self._mode_bits(number)
        return Mode(bits_) if bits_ <= Mode.PWM_2 else None

    def _compares(self, number: int) -> bool:
        """Whether the channel is an output."""
        return not self._mode_register(number)[f"CC{number}S"]

    # -- counting
    def _repetition(self) -> int:
        return self.RCR["REP"] if self.kind.breaks else 0

    def _update_event(self, *, by_software: bool = False) -> None:
        super()._update_event(by_software=by_software)
        if not self.CR1["UDIS"]:
            for channel in self._channels:
                channel.compare = self.registers[f"CCR{channel.number}"].value

    def _passed(self, first: int, last: int) -> None:
        for channel in self._channels:
            if first < channel.compare <= last:
                self._match(channel)

    def _wrapped(self) -> None:
        for channel in self._channels:
            if channel.compare > self._reload:
                self._match(channel)  # at the overflow (31.4.5, CC1IF)

    def _reached(self) -> None:
        for channel in self._channels:
            if channel.compare == self._count:
                self._match(channel)

    def _match(self, channel: _Channel) -> None:
        number = channel.number
        if not self._compares(number):
            return
        self.SR.value |= channel.flag
        mode = self._mode(number)
        if mode is Mode.TOGGLE_ON_MATCH:
            channel.reference ^= 1
        elif mode in (Mode.ACTIVE_ON_MATCH, Mode.INACTIVE_ON_MATCH):
            channel.reference = int(mode is Mode.ACTIVE_ON_MATCH)

    def _reference(self, channel: _Channel) -> int:
        """The present level of OCxREF."""
        mode = self._mode(channel.number)
        if mode in (Mode.PWM_1, Mode.PWM_2):
            return int((self._count < channel.compare) == (mode is Mode.PWM_1))
        return channel.reference

    def _steps_to_event(self) -> int | None:
        steps = [] if (found := super()._steps_to_event()) is None else [found]
        to_overflow = self._last() + 1 - self._count
        waiting = self.DIER.value & ~self.SR.value
        for channel in self._channels:
            if waiting & channel.flag or self._moves_a_pin(channel):
                ahead = channel.compare - self._count
                steps.append(ahead if 0 < ahead < to_overflow else to_overflow)
                if self._moves_a_pin(channel):
                    steps.append(to_overflow)
        return min(steps, default=None)

    # -- outputs
    def pins_changed(self) -> None:
        """Drives the outputs after the routing of pins has changed."""
        if self._driven or self._enabled_outputs():
            self._advance()
            self._settle()

    def _enabled_outputs(self) -> bool:
        return bool(self.CCER.value & _OUTPUT_ENABLES) and (
            not self.kind.breaks or bool(self.BDTR["MOE"])
        )

    def _moves_a_pin(self, channel: _Channel) -> bool:
        """Whether the counter changes the level of a pin through `channel`."""
        number = channel.number
        if not self._enabled_outputs() or self._mode(number) not in _MOVING:
            return False
        return any(signal in self._driven for signal, _, _ in self._signals(number))

    def _signals(self, number: int) -> list[tuple[str, bool, int]]:
        """The outputs of a channel: signal, whether it is enabled, its polarity."""
        ccer = self.CCER
        found = [
            (f"{self.name}_CH{number}", bool(ccer[f"CC{number}E"]), ccer[f"CC{number}P"]),
        ]
        if number in self.kind.complements:
            # The complement of CHx; if only CHxN is enabled, it is OCxREF itself (30.4.11, table).
            alone = not ccer[f"CC{number}E"]
            polarity = ccer[f"CC{number}NP"] ^ (not alone)
            found.append((f"{self.name}_CH{number}N", bool(ccer[f"CC{number}NE"]), polarity))
        return found

    def _settle(self) -> None:
        self._drive_outputs()
        super()._settle()

    def _drive_outputs(self) -> None:
        if not self._driven and not self._enabled_outputs():
            return
        wanted: dict[str, int] = {}
        if self._enabled_outputs():
            for channel in self._channels:
                if not self._compares(channel.number):
                    continue
                for signal, enabled, polarity in self._signals(channel.number):
                    if enabled and self._outputs.is_routed(signal):
                        wanted[signal] = self._reference(channel) ^ polarity
        for signal in self._driven.keys() - wanted.keys():
            self._outputs.drive(signal, None)
        for signal, level in wanted.items():
            self._outputs.drive(signal, level)
        self._driven = wanted

    # -- interrupts
    def _drive_interrupts(self) -> None:
        active = self.SR.value & self.DIER.value & _OWN_INTERRUPTS
        if self._irq_compare is None:
            self._set_line(self._irq, bool(active))
            return
        self._set_line(self._irq, bool(active & UIF))
        self._set_line(self._irq_compare, bool(active & ~UIF))
