"""EFUSE: what the maker burnt into the chip, read only (TRM, chapter 4)."""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.registers import Register, bit, bits

# FIDELITY:
#   model: Every simulated chip has the same MAC address, out of Espressif's range 7C:DF:A1.
#   silicon: Each chip has its own address.
#   hides: A firmware that confuses two boards.
MAC = 0x7CDF_A1FA_CE70
_REVISION = 4  # v0.4; direct boot needs 0.3 or later


class Efuse(GatedPeripheral):
    """The eFuse controller's read registers."""

    size = 0x400

    RD_WR_DIS = Register(
        0x2C,
        0,
        "ro",
    )
    RD_REPEAT_DATA0 = Register(
        0x30,
        0,
        "ro",
        RD_DIS=bits(6, 0),
        DIS_RTC_RAM_BOOT=bit(7),
        DIS_ICACHE=bit(8),
        DIS_USB_JTAG=bit(9),
        DIS_DOWNLOAD_ICACHE=bit(10),
        DIS_USB_DEVICE=bit(11),
        DIS_FORCE_DOWNLOAD=bit(12),
        RPT4_RESERVED6=bit(13),
        DIS_CAN=bit(14),
        JTAG_SEL_ENABLE=bit(15),
        SOFT_DIS_JTAG=bits(18, 16),
        DIS_PAD_JTAG=bit(19),
        DIS_DOWNLOAD_MANUAL_ENCRYPT=bit(20),
        USB_DREFH=bits(22, 21),
        USB_DREFL=bits(24, 23),
        USB_EXCHG_PINS=bit(25),
        VDD_SPI_AS_GPIO=bit(26),
        BTLC_GPIO_ENABLE=bits(28, 27),
        POWERGLITCH_EN=bit(29),
        POWER_GLITCH_DSENSE=bits(31, 30),
    )
    RD_REPEAT_DATA1 = Register(
        0x34,
        0,
        "ro",
        RPT4_RESERVED2=bits(15, 0),
        WDT_DELAY_SEL=bits(17, 16),
        SPI_BOOT_CRYPT_CNT=bits(20, 18),
        SECURE_BOOT_KEY_REVOKE0=bit(21),
        SECURE_BOOT_KEY_REVOKE1=bit(22),
        SECURE_BOOT_KEY_REVOKE2=bit(23),
        KEY_PURPOSE_0=bits(27, 24),
        KEY_PURPOSE_1=bits(31, 28),
    )
    RD_REPEAT_DATA2 = Register(
        0x38,
        0,
        "ro",
        KEY_PURPOSE_2=bits(3, 0),
        KEY_PURPOSE_3=bits(7, 4),
        KEY_PURPOSE_4=bits(11, 8),
        KEY_PURPOSE_5=bits(15, 12),
        RPT4_RESERVED3=bits(19, 16),
        SECURE_BOOT_EN=bit(20),
        SECURE_BOOT_AGGRESSIVE_REVOKE=bit(21),
        RPT4_RESERVED0=bits(27, 22),
        FLASH_TPUW=bits(31, 28),
    )
    RD_REPEAT_DATA3 = Register(
        0x3C,
        0,
        "ro",
        DIS_DOWNLOAD_MODE=bit(0),
        DIS_LEGACY_SPI_BOOT=bit(1),
        UART_PRINT_CHANNEL=bit(2),
        FLASH_ECC_MODE=bit(3),
        DIS_USB_DOWNLOAD_MODE=bit(4),
        ENABLE_SECURITY_DOWNLOAD=bit(5),
        UART_PRINT_CONTROL=bits(7, 6),
        PIN_POWER_SELECTION=bit(8),
        FLASH_TYPE=bit(9),
        FLASH_PAGE_SIZE=bits(11, 10),
        FLASH_ECC_EN=bit(12),
        FORCE_SEND_RESUME=bit(13),
        SECURE_VERSION=bits(29, 14),
        RPT4_RESERVED1=bits(31, 30),
    )
    RD_REPEAT_DATA4 = Register(0x40, 0, "ro", RPT4_RESERVED4=bits(23, 0))
    RD_MAC_SPI_SYS_0 = Register(
        0x44,
        0,
        "ro",
    )
    RD_MAC_SPI_SYS_1 = Register(0x48, 0, "ro", MAC_1=bits(15, 0), SPI_PAD_CONF_0=bits(31, 16))
    RD_MAC_SPI_SYS_2 = Register(
        0x4C,
        0,
        "ro",
    )
    RD_MAC_SPI_SYS_3 = Register(
        0x50, 0, "ro", SPI_PAD_CONF_2=bits(17, 0), SYS_DATA_PART0_0=bits(31, 18)
    )
    RD_MAC_SPI_SYS_4 = Register(
        0x54,
        0,
        "ro",
    )
    RD_MAC_SPI_SYS_5 = Register(
        0x58,
        0,
        "ro",
    )

    def reset(self) -> None:
        """The fuses are loaded."""
        super().reset()
        self.RD_MAC_SPI_SYS_0.value = MAC & 0xFFFF_FFFF
        self.RD_MAC_SPI_SYS_1["MAC_1"] = MAC >> 32
        self.RD_MAC_SPI_SYS_3["SYS_DATA_PART0_0"] = _REVISION
