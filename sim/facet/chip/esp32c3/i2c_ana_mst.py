"""I2C_ANA_MST: the controller of the internal bus to the chip's analog parts.

Source: regi2c_defs.h of ESP-IDF (components/soc/esp32c3); no manual describes it.
"""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.registers import Register, bit


class I2cAnaMst(GatedPeripheral):
    """The registers that programs access; the ROM's rom_i2c_writeReg is the way to the bus.

    FIDELITY:
        model: The PLL is always calibrated.
        silicon: The calibration takes some 10 us.
        hides: A program that does not wait for the end of the calibration.
    """

    size = 0x10

    ANA_CONF0 = Register(
        0x00,
        0,
        "rw",
        BBPLL_STOP_FORCE_HIGH=bit(2),
        BBPLL_STOP_FORCE_LOW=bit(3),
        BBPLL_CAL_DONE=bit(24, "ro"),
    )
    ANA_CONFIG = Register(0x04)
    ANA_CONFIG2 = Register(0x08)

    def reset(self) -> None:
        """As after a reset; the PLL is calibrated."""
        super().reset()
        self.ANA_CONF0["BBPLL_CAL_DONE"] = 1
