"""States of an STM32L4 (RM0351, 5.3, low-power modes)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from facet.chip.state import LOCKED_UP, McuState, RunningClock
from facet.state import Mode


class Stm32L4Mode(Mode):
    """The modes of the chip."""

    RUN = "run"
    LOW_POWER_RUN = "low-power run"
    SLEEP = "sleep"
    LOW_POWER_SLEEP = "low-power sleep"
    STOP0 = "stop0"
    STOP1 = "stop1"
    STOP2 = "stop2"
    STANDBY = "standby"
    SHUTDOWN = "shutdown"
    LOCKED_UP = LOCKED_UP


@dataclass(frozen=True)
class Stm32L4State(McuState):
    """The state of the chip.

    Args:
        voltage_range: the main regulator's range, 1 or 2; it supplies the core in Run, Sleep and
            Stop 0.
        low_power_regulator: whether the low-power regulator supplies the core.
    """

    voltage_range: int = 1
    low_power_regulator: bool = False

    @property
    def text(self) -> str:
        """``run 80 MHz range 1``, ``low-power run 2 MHz``, ``stop2``."""
        if self.mode in (Stm32L4Mode.RUN, Stm32L4Mode.SLEEP):
            return f"{self.mode} {self.core_clock} range {self.voltage_range}"
        if self.mode in (Stm32L4Mode.LOW_POWER_RUN, Stm32L4Mode.LOW_POWER_SLEEP):
            return f"{self.mode} {self.core_clock}"
        return str(self.mode)


@lru_cache(maxsize=1024)
def state_of(
    mode: Stm32L4Mode,
    core_hz: int,
    core_source: str,
    running: tuple[RunningClock, ...],
    voltage_range: int,
    low_power_regulator: bool,
) -> Stm32L4State:
    """The state with these values, as one object: a core that sleeps between bytes changes its
    state thousands of times a second, among few.
    """
    return Stm32L4State(
        mode,
        core_hz=core_hz,
        core_source=core_source,
        running=running,
        voltage_range=voltage_range,
        low_power_regulator=low_power_regulator,
    )
