"""IO_MUX: function, pulls, input enable and drive strength of the pins (TRM, chapter 5)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.pinout.esp32c3 import FLASH_PINS, IO_MUX_FUNCTIONS, PIN_COUNT

_IE, _WPU = 1 << 9, 1 << 8
_MUX_RESET = {
    # IO_MUX_GPIOn after reset without FUN_DRV: input enable, pull-up (datasheet, table 2-1).
    **dict.fromkeys((2, 3, 4, 5, 6, 7, 8, 10), _IE),
    **dict.fromkeys((9, 12, 13, 14, 15, 16, 17, 20), _IE | _WPU),
    21: _WPU,
}
_DRIVE_20_MA = 2 << 10


class IoMux(GatedPeripheral):
    """IO_MUX: function, pulls, input enable and drive strength of each pin.

    Args:
        name: IO_MUX.
        base: address of PIN_CTRL.
        chip: the chip's services.
        changed: called with a pin's number after its register was written.
    """

    PIN_CTRL = Register(
        0x00, 0x07FF, "rw", CLK_OUT1=bits(3, 0), CLK_OUT2=bits(7, 4), CLK_OUT3=bits(11, 8)
    )

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, changed: Callable[[int], None]
    ) -> None:
        super().__init__(name, base, chip)
        self._changed = changed
        for number in range(PIN_COUNT):
            self.add_numbered(
                Register(
                    4 + 4 * number,
                    _DRIVE_20_MA | _MUX_RESET.get(number, 0),
                    "rw",
                    MCU_OE=bit(0),
                    SLP_SEL=bit(1),
                    MCU_WPD=bit(2),
                    MCU_WPU=bit(3),
                    MCU_IE=bit(4),
                    FUN_WPD=bit(7),
                    FUN_WPU=bit(8),
                    FUN_IE=bit(9),
                    FUN_DRV=bits(11, 10),
                    MCU_SEL=bits(14, 12),
                    FILTER_EN=bit(15),
                ),
                "GPIO{}",
                number,
            )

    def write_GPIO(self, number: int, value: int, old: int) -> None:
        """Changes a pin's settings."""
        if number in FLASH_PINS and self.registers[f"GPIO{number}"]["MCU_SEL"]:
            self.violation(
                "flash-pin",
                f"GPIO{number} takes another function (MCU_SEL={value >> 12 & 7}): the pin is "
                "wired to the flash in the module",
            )
        if self.registers[f"GPIO{number}"]["SLP_SEL"]:
            self.not_modelled(f"GPIO{number}.SLP_SEL=1: other settings of the pin in light sleep")
        if self.signal(number) is None:
            select = self.registers[f"GPIO{number}"]["MCU_SEL"]
            self.violation("no-such-function", f"GPIO{number}.MCU_SEL={select}: no such function")
        self._changed(number)

    def signal(self, number: int) -> str | None:
        """The signal that MCU_SEL selects; ``GPIO`` is the matrix."""
        select = self.registers[f"GPIO{number}"]["MCU_SEL"]
        return IO_MUX_FUNCTIONS[number][select] if select < 3 else None

    def input_enabled(self, number: int) -> bool:
        """Whether the pin's input is enabled (FUN_IE)."""
        return bool(self.registers[f"GPIO{number}"]["FUN_IE"])

    def pull(self, number: int) -> int | None:
        """The level of the pin's pull resistor; None where it is off."""
        register = self.registers[f"GPIO{number}"]
        if register["FUN_WPU"]:
            return 1
        return 0 if register["FUN_WPD"] else None
