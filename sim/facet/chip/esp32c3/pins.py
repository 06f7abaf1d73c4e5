"""How peripherals find their pins: the capability that the GPIO matrix gives them."""

from __future__ import annotations

from typing import Protocol


class MatrixRouter(Protocol):
    """Which pin carries a peripheral's signal at present."""

    def output_pin(self, signal: str) -> str | None:
        """The pin that drives out `signal`, such as ``FSPICLK``, or None."""

    def input_pin(self, signal: str) -> str | None:
        """The pin that `signal` hears, its input enabled, or None."""

    def why_no_input(self, signal: str) -> str:
        """What to mend where `input_pin` gives None."""

    def open_drain(self, pin: str) -> bool:
        """Whether the pin's output is open drain."""
