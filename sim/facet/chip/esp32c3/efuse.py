"""EFUSE: the fuses that Espressif programmed, read only (TRM, chapter 4)."""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.registers import Register, bit, bits

# FIDELITY:
#   model: Every simulated chip has the same MAC address, out of Espressif's range 7C:DF:A1.
#   silicon: Each chip has its own address.
#   hides: A firmware that confuses two boards.
MAC = 0x7CDF_A1FA_CE70
REVISION = 4  # v0.4; direct boot needs 0.3 or later


class Efuse(GatedPeripheral):
    """The eFuse controller."""

    size = 0x400

    RD_MAC_SPI_SYS_0 = Register(0x44, 0, "ro")
    RD_MAC_SPI_SYS_1 = Register(0x48, 0, "ro", MAC_1=bits(15, 0), SPI_PAD_CONF_0=bits(31, 16))
    RD_MAC_SPI_SYS_3 = Register(
        0x50, 0, "ro", SPI_PAD_CONF_2=bits(17, 0), SYS_DATA_PART0_0=bits(31, 18)
    )

    CMD = Register(0x1D4, 0, "rw", READ_CMD=bit(0), PGM_CMD=bit(1), BLK_NUM=bits(5, 2))

    def write_CMD(self, value: int, old: int) -> None:
        """Reads the fuses again; programming is not modelled."""
        if self.CMD["PGM_CMD"]:
            self.not_modelled("CMD.PGM_CMD=1: programming of eFuses")
        self.CMD["READ_CMD"] = self.CMD["PGM_CMD"] = 0  # cleared by hardware when it is done

    def reset(self) -> None:
        """Carries out a reset: the fuses are loaded."""
        super().reset()
        self.RD_MAC_SPI_SYS_0.value = MAC & 0xFFFF_FFFF
        self.RD_MAC_SPI_SYS_1["MAC_1"] = MAC >> 32
        self.RD_MAC_SPI_SYS_3["SYS_DATA_PART0_0"] = REVISION
