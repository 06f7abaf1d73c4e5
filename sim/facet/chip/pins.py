"""The interface by which peripherals find their pins; a GPIO model implements it."""

from __future__ import annotations

from typing import Protocol


class PinRouter(Protocol):
    """Finds the pin that carries a peripheral's signal at present."""

    def pin_of(self, signal: str) -> str | None:
        """The pin whose alternate function is `signal` (``SPI1_SCK`` -> ``PA5``), or None."""

    def open_drain(self, pin: str) -> bool:
        """Whether the pin's output is open drain (I2C needs it)."""
