"""The pins of a simulated board."""

from __future__ import annotations

from collections.abc import Callable

from facet.machine import Machine


class SimulatedPins:
    """Reads the nets of the wiring; see `facet.target.pins.Pins`."""

    def __init__(self, machine: Machine) -> None:
        self._wiring = machine.wiring

    @property
    def names(self) -> list[str]:
        """The nets, by one of their pins."""
        return [net.name for net in self._wiring.nets]

    def level(self, pin: str) -> int | None:
        """The level of a pin."""
        return self._wiring.net(pin).level

    def watch(self, pin: str, listener: Callable[[int | None], None]) -> None:
        """Calls `listener` with each level of a pin."""
        self._wiring.net(pin).watch(listener)
