"""What the ESP32-C3's peripherals have in common: clock gate and reset line in SYSTEM."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices, Peripheral


class GatedPeripheral(Peripheral):
    """A peripheral behind SYSTEM_PERIP_CLK_ENx and SYSTEM_PERIP_RST_ENx (TRM, chapter 6).

    One without a gate of its own answers always.
    """

    size = 0x1000

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self.held_in_reset: Callable[[], bool] = lambda: False
        """Whether its reset line is active; SYSTEM's model sets this."""
        self.reset_name = ""
        """The reset bit's name for messages."""

    def refusal(self, harmless: bool) -> tuple[str, str]:
        """Why it does not answer now."""
        if self.held_in_reset():
            rule = "access-in-reset" if harmless else "peripheral-in-reset"
            return rule, f"{self.reset_name}=1"
        return super().refusal(harmless)

    def before_light_sleep(self) -> None:
        """The digital clocks are about to stop: a transfer under way is a violation."""
