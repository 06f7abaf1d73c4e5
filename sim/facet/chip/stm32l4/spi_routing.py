"""The pins of an SPI master and the parts that they select."""

from __future__ import annotations

from collections.abc import Callable

from facet.board.wiring import SpiPins, Wiring
from facet.chip.pins import PinRouter


class SpiRouting:
    """The pins that carry an SPI's signals.

    Args:
        name: such as SPI1; the signals' names begin with it.
        wiring: the board.
        pins: the GPIO's routing.
        report: reports a fault once: report(rule, message).
    """

    def __init__(
        self, name: str, wiring: Wiring, pins: PinRouter, report: Callable[[str, str], None]
    ) -> None:
        self._name = name
        self._wiring = wiring
        self._pins = pins
        self._report = report
        self.routed = SpiPins(None, None, None)
        """The pins when the frame or burst under way began."""
        self._selected: list[SpiPins] = []  # the parts that were selected then
        self._nss_pin: str | None = None

    def look_up(self, *, sends: bool, receives: bool, needs_miso: bool) -> None:
        """Notes the routed pins and the selected parts, and reports signals without a pin.

        Args:
            sends: whether MOSI is used.
            receives: whether MISO is an input.
            needs_miso: whether the program takes what is received.
        """
        sck, miso, mosi = (self._pin(signal) for signal in ("SCK", "MISO", "MOSI"))
        self.routed = SpiPins(sck, miso, mosi)
        if sck is None:
            self._unrouted("SCK")
        if mosi is None and sends:
            self._unrouted("MOSI")
        self._selected = self._wiring.spi_selected(sck)
        if miso is None and receives and (needs_miso or any(p.miso for p in self._selected)):
            self._unrouted("MISO")

    def check_selection(self) -> None:
        """Reports a chip select that moved while the frames of `look_up` were clocked."""
        if self._wiring.spi_selected(self.routed.sck) != self._selected:
            self._report(
                "spi-select-moved",
                "a chip select changed while SR.BSY=1: the part sees a cut frame",
            )

    def drive_nss(self) -> None:
        """Drives the NSS output low, where a pin is routed to it."""
        self._nss_pin = self._pin("NSS")
        if self._nss_pin is not None:
            self._wiring.net(self._nss_pin).drive(f"{self._name}_NSS", 0)

    def release_nss(self) -> None:
        """Ends `drive_nss`."""
        if self._nss_pin is not None:
            self._wiring.net(self._nss_pin).drive(f"{self._name}_NSS", None)
            self._nss_pin = None

    @property
    def nss_is_low(self) -> bool:
        """The level of the NSS input."""
        pin = self._pin("NSS")
        # FIDELITY:
        #   model: An NSS input that no pin is routed to reads low.
        #   silicon: The manual does not say what the unconnected input reads.
        #   hides: A mode fault that a real chip does not have.
        return pin is None or self._wiring.net(pin).level == 0

    def _pin(self, signal: str) -> str | None:
        return self._pins.pin_of(f"{self._name}_{signal}")

    def _unrouted(self, signal: str) -> None:
        self._report(
            "wrong-pin-function",
            f"transfer while no pin is in the alternate function {self._name}_{signal}",
        )
