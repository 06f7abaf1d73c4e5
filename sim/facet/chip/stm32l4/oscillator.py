"""An oscillator or PLL, which gives its clock after a start-up time."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices
from facet.clock import ClockSignal
from facet.time import Time
from facet.timeline import Event


class Oscillator:
    """One clock source of the RCC.

    Args:
        name: as in the reference manual, such as ``HSI16``.
        chip: virtual time and the event queue.
        changed: called after the clock became ready or stopped.
    """

    def __init__(self, name: str, chip: ChipServices, changed: Callable[[], None]) -> None:
        self.name = name
        self.signal = ClockSignal(name, lambda: chip.now)
        self.on = False
        self.ready = False
        self._chip = chip
        self._changed = changed
        self._hz = 0
        self._starting: Event | None = None

    def start(self, hz: int, startup: Time | None) -> None:
        """Switches the oscillator on; it is ready after `startup`, or never where that is None."""
        if self.on:
            return
        self.on = True
        self._hz = hz
        if startup is None:
            return
        self._starting = self._chip.schedule(startup, self._started, f"{self.name} ready")

    def start_at_once(self, hz: int) -> None:
        """Starts the oscillator without a start-up time, as after a reset or a Stop mode."""
        self._cancel()
        self.on = True
        self._hz = hz
        self._started()

    def retune(self, hz: int) -> None:
        """Changes the frequency of an oscillator that is on."""
        self._hz = hz
        if self.ready:
            self.signal.set_hz(hz)

    def stop(self) -> None:
        """Switches the oscillator off."""
        if not self.on:
            return
        self._cancel()
        self.on = False
        self.ready = False
        self.signal.set_hz(0)
        self._changed()

    def _started(self) -> None:
        self._starting = None
        self.ready = True
        self.signal.set_hz(self._hz)
        self._changed()

    def _cancel(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            self._starting = None
