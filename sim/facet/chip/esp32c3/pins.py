"""The interface by which peripherals find their pins; the GPIO matrix implements it."""

from __future__ import annotations

from typing import Protocol


class MatrixRouter(Protocol):
    """The present routing of peripherals' signals to pins."""

    def output_pin(self, signal: str) -> str | None:
        """The pin that outputs `signal`, such as ``FSPICLK``, or None."""

    def input_pin(self, signal: str) -> str | None:
        """The pin with an enabled input that feeds `signal`, or None."""

    def why_no_input(self, signal: str) -> str:
        """The reason why `input_pin` gives None, with the setting to correct."""

    def open_drain(self, pin: str) -> bool:
        """Whether the pin's output is open drain."""
