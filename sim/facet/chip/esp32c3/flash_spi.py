"""SPI0: how the cache reads the flash (TRM, 3.3.3; registers as in Espressif's SVD file)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits

_MODES = {
    # CTRL's field -> read mode: command and data on how many lines.
    "FREAD_QIO": "qio",
    "FREAD_DIO": "dio",
    "FREAD_QUAD": "qout",
    "FREAD_DUAL": "dout",
    "FASTRD_MODE": "fast",
}
_MODULE_HZ = (80_000_000, 120_000_000, 160_000_000)  # CORE_CLK_SEL with the PLL at 480 MHz


class FlashSpi(GatedPeripheral):
    """SPI0, the cache's port to the flash: its speed decides what a cache miss costs.

    FIDELITY:
        model: The ROM leaves SPI0 in its reset state: one data line at a quarter of the module's
            clock.
        silicon: The speed that the ROM sets for an image without a header, and so without a flash
            mode, is not documented.
        hides: A cache miss costs more or less on the chip until the firmware sets SPI0 up.

    FIDELITY:
        model: The flash takes every read mode at every clock.
        silicon: The flash needs its QE bit for four lines, and each mode has a highest clock.
        hides: A set-up that a real flash refuses.

    Args:
        name: SPI0.
        base: address of its first register.
        chip: the chip's services.
        source_hz: the crystal's or RC oscillator's frequency, or 0 when the PLL is the source.
    """

    CTRL = Register(
        0x08,
        0x002C_2000,
        "rw",
        FDUMMY_OUT=bit(3),
        FCMD_DUAL=bit(7),
        FCMD_QUAD=bit(8),
        FASTRD_MODE=bit(13),
        FREAD_DUAL=bit(14),
        Q_POL=bit(18),
        D_POL=bit(19),
        FREAD_QUAD=bit(20),
        WP=bit(21),
        FREAD_DIO=bit(23),
        FREAD_QIO=bit(24),
    )
    CTRL1 = Register(0x0C, 0, "rw", CLK_MODE=bits(1, 0), RXFIFO_RST=bit(30, "wo"))
    CTRL2 = Register(
        0x10,
        0x0021,
        "rw",
        CS_SETUP_TIME=bits(4, 0),
        CS_HOLD_TIME=bits(9, 5),
        CS_HOLD_DELAY=bits(30, 25),
        SYNC_RESET=bit(31, "wo"),
    )
    CLOCK = Register(
        0x14,
        0x0003_0103,
        "rw",
        CLKCNT_L=bits(7, 0),
        CLKCNT_H=bits(15, 8),
        CLKCNT_N=bits(23, 16),
        CLK_EQU_SYSCLK=bit(31),
    )
    USER = Register(
        0x18,
        0,
        "rw",
        CS_HOLD=bit(6),
        CS_SETUP=bit(7),
        CK_OUT_EDGE=bit(9),
        USR_DUMMY_IDLE=bit(26),
        USR_DUMMY=bit(29),
    )
    USER1 = Register(
        0x1C, 0x5C00_0007, "rw", USR_DUMMY_CYCLELEN=bits(5, 0), USR_ADDR_BITLEN=bits(31, 26)
    )
    USER2 = Register(
        0x20, 0x7000_0000, "rw", USR_COMMAND_VALUE=bits(15, 0), USR_COMMAND_BITLEN=bits(31, 28)
    )
    CACHE_FCTRL = Register(
        0x3C,
        0,
        "rw",
        CACHE_REQ_EN=bit(0),
        CACHE_USR_ADDR_4BYTE=bit(1),
        CACHE_FLASH_USR_CMD=bit(2),
        FDIN_DUAL=bit(3),
        FDOUT_DUAL=bit(4),
        FADDR_DUAL=bit(5),
        FDIN_QUAD=bit(6),
        FDOUT_QUAD=bit(7),
        FADDR_QUAD=bit(8),
    )
    CLOCK_GATE = Register(0xDC, 0x0001, "rw", CLK_EN=bit(0))
    CORE_CLK_SEL = Register(0xE0, 0, "rw", SPI01_CLK_SEL=bits(1, 0))

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, source_hz: Callable[[], int]
    ) -> None:
        super().__init__(name, base, chip)
        self._source_hz = source_hz
        self.on_change: Callable[[], None] = lambda: None
        """The speed has changed."""

    def reset(self) -> None:
        """As after a reset."""
        super().reset()
        self.on_change()

    @property
    def read_mode(self) -> str:
        """How lines are read: "slow", "fast", "dout", "dio", "qout" or "qio"."""
        for field, mode in _MODES.items():
            if self.CTRL[field]:
                return mode
        return "slow"

    @property
    def hz(self) -> int:
        """The flash's clock."""
        source = self._source_hz() or _MODULE_HZ[min(self.CORE_CLK_SEL["SPI01_CLK_SEL"], 2)]
        return source if self.CLOCK["CLK_EQU_SYSCLK"] else source // (self.CLOCK["CLKCNT_N"] + 1)

    def write_CTRL(self, value: int, old: int) -> None:
        """The read mode."""
        self.on_change()

    def write_CLOCK(self, value: int, old: int) -> None:
        """The divider."""
        self.on_change()

    def write_CORE_CLK_SEL(self, value: int, old: int) -> None:
        """The module's clock."""
        self.on_change()
