"""The check of the conditions for an I2C start condition: pins, clock, pull-ups.

Source: I2C-bus specification (UM10204) 3.1.1 and table 10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facet.board.wiring import I2cBus, Wiring
from facet.clock import exceeds

Report = Callable[[str, str], None]
"""A function of a rule and a message, such as `Peripheral.report_once`."""


@dataclass(frozen=True)
class StartCondition:
    """The conditions for a start condition.

    Attributes:
        trigger: the bit that the firmware set, such as ``START``.
        scl, sda: the pins.
        scl_hz: the frequency of SCL in hertz; 0 while the clock is stopped.
        limit_hz: the highest frequency that the mode allows.
        stopped: the reason why the clock is stopped, for the message.
        timing: the registers that set the frequency, for the message.
        is_open_drain: whether a pin's output is open drain.
        cure: the setting that makes a pin's output open drain.
    """

    trigger: str
    scl: str
    sda: str
    scl_hz: int
    limit_hz: int
    stopped: str
    timing: str
    is_open_drain: Callable[[str], bool]
    cure: Callable[[str], str]

    def bus(self, wiring: Wiring, report: Report) -> I2cBus | None:
        """The bus; None, after a report, where the start condition never comes."""
        for signal, pin in (("SCL", self.scl), ("SDA", self.sda)):
            if not self.is_open_drain(pin):
                report(
                    "i2c-not-open-drain",
                    f"{pin} ({signal}) is a push-pull output: set {self.cure(pin)}",
                )
        if self.scl_hz == 0:
            report("i2c-no-clock", f"{self.trigger} while {self.stopped}")
            return None
        if exceeds(self.scl_hz, self.limit_hz):
            report(
                "i2c-too-fast",
                f"{self.timing} SCL {self.scl_hz / 1000:.0f} kHz, more than "
                f"{self.limit_hz // 1000} kHz",
            )
        bus = wiring.i2c_bus(self.scl, self.sda)
        if bus.pulled_up:
            return bus
        low = " and ".join(
            f"{pin} ({signal})"
            for signal, pin, net in (("SCL", self.scl, bus.scl), ("SDA", self.sda, bus.sda))
            if net.level != 1
        )
        report(
            "i2c-no-pull-up",
            f"{self.trigger} while {low} is not high: nothing pulls it up (or a part holds it "
            "low); the start condition never comes",
        )
        return None
