"""APB_CTRL: what start-up code sets, and the random number register (TRM, chapter 25)."""

from __future__ import annotations

from random import Random

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits


class ApbCtrl(GatedPeripheral):
    """The system control registers that have no chapter of their own."""

    SYSCLK_CONF = Register(
        0x00,
        0x0001,
        "rw",
        PRE_DIV_CNT=bits(9, 0),
        CLK_320M_EN=bit(10),
        CLK_EN=bit(11),
        RST_TICK_CNT=bit(12),
    )
    TICK_CONF = Register(
        0x04,
        0x0001_0727,
        "rw",
        XTAL_TICK_NUM=bits(7, 0),
        CK8M_TICK_NUM=bits(15, 8),
        TICK_ENABLE=bit(16),
    )
    CLK_OUT_EN = Register(
        0x08,
        0x07FF,
        "rw",
        CLK20_OEN=bit(0),
        CLK22_OEN=bit(1),
        CLK44_OEN=bit(2),
        CLK_BB_OEN=bit(3),
        CLK80_OEN=bit(4),
        CLK160_OEN=bit(5),
        CLK_320M_OEN=bit(6),
        CLK_ADC_INF_OEN=bit(7),
        CLK_DAC_CPU_OEN=bit(8),
        CLK40X_BB_OEN=bit(9),
        CLK_XTAL_OEN=bit(10),
    )
    WIFI_CLK_EN = Register(
        0x14,
        0xFFFC_E030,
        "rw",
    )
    WIFI_RST_EN = Register(0x18, 0, "rw", MAC_RST=bit(2))
    FRONT_END_MEM_PD = Register(
        0x9C,
        0x0015,
        "rw",
        AGC_MEM_FORCE_PU=bit(0),
        AGC_MEM_FORCE_PD=bit(1),
        PBUS_MEM_FORCE_PU=bit(2),
        PBUS_MEM_FORCE_PD=bit(3),
        DC_MEM_FORCE_PU=bit(4),
        DC_MEM_FORCE_PD=bit(5),
    )
    CLKGATE_FORCE_ON = Register(
        0xA4, 0x003F, "rw", ROM_CLKGATE_FORCE_ON=bits(1, 0), SRAM_CLKGATE_FORCE_ON=bits(5, 2)
    )
    MEM_POWER_DOWN = Register(0xA8, 0, "rw", ROM_POWER_DOWN=bits(1, 0), SRAM_POWER_DOWN=bits(5, 2))
    MEM_POWER_UP = Register(0xAC, 0x003F, "rw", ROM_POWER_UP=bits(1, 0), SRAM_POWER_UP=bits(5, 2))
    RND_DATA = Register(
        0xB0,
        0,
        "ro",
    )

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self._numbers = Random(chip.seed)

    def read_RND_DATA(self) -> int:
        """The next random number."""
        # FIDELITY:
        #   model: The random numbers are pseudo-random. They are the same in each run with the same
        #     seed.
        #   silicon: The chip mixes in noise while the radio, the ADC or RC_FAST_CLK runs.
        #   hides: A firmware that needs true randomness.
        return self._numbers.getrandbits(32)
