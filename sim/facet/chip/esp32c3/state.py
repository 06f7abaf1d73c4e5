"""States of an ESP32-C3 (TRM, chapter 9, low-power management)."""

from __future__ import annotations

from dataclasses import dataclass

from facet.chip.state import LOCKED_UP, McuState
from facet.state import Mode


class Esp32C3Mode(Mode):
    """The modes of the chip; ``sleep`` is the core's WFI, for which Espressif has no name."""

    RUN = "run"
    SLEEP = "sleep"
    LIGHT_SLEEP = "light sleep"
    DEEP_SLEEP = "deep sleep"
    LOCKED_UP = LOCKED_UP


@dataclass(frozen=True)
class Esp32C3State(McuState):
    """The state of the chip."""

    @property
    def text(self) -> str:
        """``run 160 MHz``, ``sleep 160 MHz``, ``light sleep``."""
        if self.mode in (Esp32C3Mode.RUN, Esp32C3Mode.SLEEP):
            return f"{self.mode} {self.core_clock}"
        return str(self.mode)
