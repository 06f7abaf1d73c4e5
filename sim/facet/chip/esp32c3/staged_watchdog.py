"""The watchdog of four stages in RTC_CNTL and in the timer groups (TRM, chapter 12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from facet.chip.peripheral import ChipServices, Peripheral
from facet.clock import ClockSignal
from facet.time import NEVER
from facet.timeline import Event

STAGES = 4
WDT_KEY = 0x50D8_3AA1
"""WDTWPROTECT with this value lets the other registers be written (12.2.2.5)."""


class Stage(NamedTuple):
    """One stage: clock ticks until it expires, and the action that follows (0: none)."""

    ticks: int
    action: int


class StagedWatchdog:
    """Counts through the stages until it is fed.

    Args:
        name: for the event queue.
        chip: the chip's services.
        clock: the clock that it counts.
        stage: gives the settings of a stage by its number.
        expired: called with a stage's action.
    """

    def __init__(
        self,
        name: str,
        chip: ChipServices,
        clock: ClockSignal,
        stage: Callable[[int], Stage],
        expired: Callable[[int], None],
    ) -> None:
        self._name = name
        self._chip = chip
        self._clock = clock
        self._stage = stage
        self._expired = expired
        self._number = 0
        self._due: int | None = None  # tick of the clock; None while it is stopped
        self._left: int | None = None  # ticks that were left when it was paused
        self._event: Event | None = None
        clock.subscribe(self._plan)

    @property
    def running(self) -> bool:
        """Whether it counts, or will count after its pause."""
        return self._due is not None or self._left is not None

    def feed(self) -> None:
        """Starts with stage 0, for the first time or again."""
        self._number = 0
        self._enter_stage()

    def stop(self) -> None:
        """Stops counting."""
        self._due = self._left = None
        self._plan()

    def pause(self) -> None:
        """Stops the clock within a stage until `resume`."""
        if self._due is not None:
            self._left, self._due = self._due - self._clock.ticks(), None
            self._plan()

    def resume(self) -> None:
        """Continues after `pause`."""
        if self._left is not None:
            self._due, self._left = self._clock.ticks() + self._left, None
            self._plan()

    def _enter_stage(self) -> None:
        self._due = self._clock.ticks() + self._stage(self._number).ticks
        self._left = None
        self._plan()

    def _plan(self) -> None:
        if self._event is not None:
            self._event.cancel()
            self._event = None
        if self._due is None:
            return
        at = self._clock.time_of(self._due)
        if at < NEVER:
            self._event = self._chip.schedule_at(
                max(at, self._chip.now), self._stage_over, self._name
            )

    def _stage_over(self) -> None:
        self._event = None
        action = self._stage(self._number).action
        self._number = (self._number + 1) % STAGES
        self._enter_stage()
        if action:
            self._expired(action)


class WatchdogRegisters:
    """The write protection and the switch of a staged watchdog, by its peripheral's registers.

    Args:
        peripheral: the owner of WDTCONFIG0 and WDTWPROTECT.
        watchdog: the watchdog that they control.
    """

    def __init__(self, peripheral: Peripheral, watchdog: StagedWatchdog) -> None:
        self._peripheral = peripheral
        self._watchdog = watchdog
        self._config = peripheral.registers["WDTCONFIG0"]
        self._key = peripheral.registers["WDTWPROTECT"]

    def accept(self, register: str, old: int) -> bool:
        """Whether the write protection is off; otherwise the register gets its old value back.

        A write that is refused is a violation.
        """
        if self._key.value == WDT_KEY:
            return True
        self._peripheral.registers[register].value = old
        self._peripheral.violation(
            "write-protected", f"{register} written while WDTWPROTECT is not {WDT_KEY:#010x}"
        )
        return False

    def config_written(self, value: int, old: int) -> None:
        """Starts and stops the watchdog after an accepted write to WDTCONFIG0."""
        started = value & ~old & self._config.declaration.fields["WDT_EN"].mask
        self.switch(restart=bool(started))

    def switch(self, *, restart: bool) -> None:
        """Runs the watchdog if WDTCONFIG0 enables it, and stops it otherwise.

        Args:
            restart: whether a running watchdog starts again with stage 0.
        """
        if not (self._config["WDT_EN"] or self._config["WDT_FLASHBOOT_MOD_EN"]):
            self._watchdog.stop()
        elif restart or not self._watchdog.running:
            self._watchdog.feed()

    def feed(self) -> None:
        """Feeds the watchdog, if it runs and the write protection is off."""
        if self.accept("WDTFEED", 0) and self._watchdog.running:
            self._watchdog.feed()
