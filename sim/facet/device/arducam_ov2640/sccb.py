"""SCCB, OmniVision's two-wire bus: the OV2640's connection to I2C."""

from __future__ import annotations

from collections.abc import Callable

from facet.clock import exceeds
from facet.device.arducam_ov2640.sensor import Ov2640
from facet.device.services import DeviceServices

ADDRESS = 0x30
"""7-bit; OmniVision writes it as 0x60 for writes and 0x61 for reads (datasheet 2.2)."""

MAX_SCL_HZ = 400_000
"""Datasheet 2.2, table 9, fSIO_C."""


class SccbPort:
    """Register access in phases: address, register, and the value of a write.

    A read selects its register by a write of one byte and reads in a second transfer. A repeated
    start between the two is allowed too: Linux's driver uses it (drivers/media/i2c/ov2640.c reads
    with SMBus byte reads).

    Args:
        name: for messages.
        services: the board.
        sensor: the sensor whose registers are accessed.
        alive: whether the part has power and is connected.
    """

    def __init__(
        self, name: str, services: DeviceServices, sensor: Ov2640, alive: Callable[[], bool]
    ) -> None:
        self._name = name
        self._services = services
        self._sensor = sensor
        self._alive = alive
        self._register = 0
        self._phase = 0
        self._addressed = False

    def i2c_start(self, address: int, read: bool, scl_hz: int) -> bool:
        """Handles a start condition; the sensor acknowledges its address while it can answer."""
        self._addressed = False
        if address != ADDRESS or not self._alive() or not self._sensor.answers:
            return False
        if exceeds(scl_hz, MAX_SCL_HZ):
            self._services.violation(
                "sccb-too-fast",
                f"{self._name}: SCCB clocked at {scl_hz / 1e3:g} kHz; the OV2640 takes up to "
                f"{MAX_SCL_HZ / 1e3:g} kHz",
            )
            return False
        self._addressed = True
        self._phase = 0
        return True

    def i2c_write(self, byte: int) -> bool:
        """Takes the register's address, then its value."""
        if not self._addressed or not self._sensor.answers:
            return False
        self._phase += 1
        if self._phase == 1:
            self._register = byte
        elif self._phase == 2:
            self._sensor.write(self._register, byte)
        else:
            self._services.violation(
                "sccb-length",
                f"{self._name}: an SCCB write of more than one value (register "
                f"{self._register:#04x}); addresses do not advance, the value is lost",
            )
            return False
        return True

    def i2c_read(self) -> int:
        """Gives the register that the last write selected."""
        if not self._addressed or not self._sensor.answers:
            return 0xFF
        return self._sensor.read(self._register)

    def i2c_stop(self) -> None:
        """Handles a stop condition; the register's address stays for the next read."""
        self._addressed = False
