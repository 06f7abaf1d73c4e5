"""SPI0, through which the cache reads the flash (TRM, 3.3.3; registers by Espressif's SVD)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, RegisterState, bit, bits

_MODES = {
    # CTRL's field -> read mode, by the number of lines of command and data.
    "FREAD_QIO": "qio",
    "FREAD_DIO": "dio",
    "FREAD_QUAD": "qout",
    "FREAD_DUAL": "dout",
    "FASTRD_MODE": "fast",
}
_MODULE_HZ = (80_000_000, 120_000_000, 160_000_000)  # CORE_CLK_SEL with the PLL at 480 MHz


def spi_clock_hz(source_hz: int, clock: RegisterState, module_hz: int = _MODULE_HZ[0]) -> int:
    """The clock of SPI0 or SPI1.

    Args:
        source_hz: the crystal's or RC oscillator's frequency, or 0 when the PLL is the source.
        clock: the register CLOCK.
        module_hz: the module's clock with the PLL.
    """
    source = source_hz or module_hz
    return source if clock["CLK_EQU_SYSCLK"] else source // (clock["CLKCNT_N"] + 1)


class FlashSpi(GatedPeripheral):
    """SPI0, the cache's port to the flash; its speed determines the time of a cache miss.

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
    CLOCK = Register(
        0x14,
        0x0003_0103,
        "rw",
        CLKCNT_L=bits(7, 0),
        CLKCNT_H=bits(15, 8),
        CLKCNT_N=bits(23, 16),
        CLK_EQU_SYSCLK=bit(31),
    )
    CORE_CLK_SEL = Register(0xE0, 0, "rw", SPI01_CLK_SEL=bits(1, 0))

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, source_hz: Callable[[], int]
    ) -> None:
        super().__init__(name, base, chip)
        self._source_hz = source_hz
        self.on_change: Callable[[], None] = lambda: None
        """Called after the speed has changed."""

    def reset(self) -> None:
        """Carries out a reset."""
        super().reset()
        self.on_change()

    @property
    def read_mode(self) -> str:
        """The read mode of cache lines: "slow", "fast", "dout", "dio", "qout" or "qio"."""
        for field, mode in _MODES.items():
            if self.CTRL[field]:
                return mode
        return "slow"

    @property
    def hz(self) -> int:
        """The flash's clock in hertz."""
        return spi_clock_hz(
            self._source_hz(), self.CLOCK, _MODULE_HZ[min(self.CORE_CLK_SEL["SPI01_CLK_SEL"], 2)]
        )

    def write_CTRL(self, value: int, old: int) -> None:
        """Changes the read mode."""
        self.on_change()

    def write_CLOCK(self, value: int, old: int) -> None:
        """Changes the divider."""
        self.on_change()

    def write_CORE_CLK_SEL(self, value: int, old: int) -> None:
        """Selects the module's clock."""
        self.on_change()
