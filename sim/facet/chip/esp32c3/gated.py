"""The base of the ESP32-C3's peripherals: clock gate, reset line, stored registers."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.stored_registers import StoredRegister, stored_registers
from facet.chip.peripheral import ChipServices, Peripheral


class GatedPeripheral(Peripheral):
    """A peripheral behind SYSTEM_PERIP_CLK_ENx and SYSTEM_PERIP_RST_ENx (TRM, chapter 6).

    A peripheral without a gate of its own always answers. The registers that the class does not
    declare come from the table of `stored_registers`.
    """

    size = 0x1000

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self.held_in_reset: Callable[[], bool] = lambda: False
        """Whether its reset line is active; SYSTEM's model sets this."""
        self.reset_name = ""
        """The reset bit's name for messages."""
        for stored in stored_registers(name):
            self.add_register(stored.declaration())
            if stored.lacks:
                self._report_use(stored)

    def _report_use(self, stored: StoredRegister) -> None:
        """Makes the first use of a register a report."""
        state = self.registers[stored.name]
        what = f"{stored.name} ({stored.lacks})"

        def read() -> int:
            self.not_modelled(what)
            return state.value

        def write(value: int, old: int) -> None:
            if value != old or not stored.writable:
                self.not_modelled(what)

        if not stored.writable:
            state.on_read = read
        state.on_write = write

    def refusal(self, harmless: bool) -> tuple[str, str]:
        """The rule that an access breaks now, and the reason."""
        if self.held_in_reset():
            rule = "access-in-reset" if harmless else "peripheral-in-reset"
            return rule, f"{self.reset_name}=1"
        return super().refusal(harmless)

    def before_light_sleep(self) -> None:
        """Reports a running transfer, before light sleep stops the digital clocks."""
