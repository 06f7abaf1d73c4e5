"""The ESP32-C3's address space (TRM, chapter 3) and its interrupt sources (TRM, chapter 8)."""

from __future__ import annotations

from facet.chip.bus import Region
from facet.engine.protocol import OFF_BUS

FLASH_BASE, FLASH_SIZE = OFF_BUS, 4 << 20
"""The bytes of the flash, outside the core's addresses. ESP32-C3-MINI-1 on the DevKitM-1: 4 MB."""
IROM_BASE, DROM_BASE = 0x4200_0000, 0x3C00_0000
"""The addresses of the flash for instruction fetches and for loads."""
FLASH_WINDOW_SIZE = 8 << 20
FLASH_WINDOWS = (
    range(IROM_BASE, IROM_BASE + FLASH_WINDOW_SIZE),
    range(DROM_BASE, DROM_BASE + FLASH_WINDOW_SIZE),
)
SRAM1_BASE, SRAM1_ALIAS, SRAM1_SIZE = 0x3FC8_0000, 0x4038_0000, 384 << 10
"""One memory with a data and an instruction address."""
RTC_FAST_BASE, RTC_FAST_SIZE = 0x5000_0000, 8 << 10
IO_BASE, IO_SIZE = 0x6000_0000, 0xD_0000

_ROWS = (
    *(("UART0", 0x0_0000), ("SPI1", 0x0_2000), ("SPI0", 0x0_3000), ("GPIO", 0x0_4000)),
    *(("FE2", 0x0_5000), ("FE", 0x0_6000), ("RTC_CNTL", 0x0_8000), ("EFUSE", 0x0_8800)),
    *(("IO_MUX", 0x0_9000), ("I2C_ANA_MST", 0x0_E000), ("UART1", 0x1_0000), ("I2C0", 0x1_3000)),
    *(("UHCI0", 0x1_4000), ("RMT", 0x1_6000), ("LEDC", 0x1_9000), ("NRX", 0x1_C000)),
    *(("BB", 0x1_D000), ("TIMG0", 0x1_F000), ("TIMG1", 0x2_0000), ("SYSTIMER", 0x2_3000)),
    *(("SPI2", 0x2_4000), ("APB_CTRL", 0x2_6000), ("TWAI0", 0x2_B000), ("I2S0", 0x2_D000)),
    *(("WIFI", 0x3_3000), ("AES", 0x3_A000), ("SHA", 0x3_B000), ("RSA", 0x3_C000)),
    *(("DS", 0x3_D000), ("HMAC", 0x3_E000), ("DMA", 0x3_F000), ("APB_SARADC", 0x4_0000)),
    *(("USB_DEVICE", 0x4_3000), ("SYSTEM", 0xC_0000), ("SENSITIVE", 0xC_1000)),
    *(("INTERRUPT_CORE0", 0xC_2000), ("EXTMEM", 0xC_4000), ("MMU_TABLE", 0xC_5000)),
    *(("XTS_AES", 0xC_C000), ("ASSIST_DEBUG", 0xC_E000)),
)


def _length(name: str) -> int:
    return 0x800 if name in ("RTC_CNTL", "EFUSE") else 0x1000  # these two share a page


REGIONS: tuple[Region, ...] = tuple(
    Region(name, IO_BASE + offset, IO_BASE + offset + _length(name) - 1) for name, offset in _ROWS
)
"""The peripherals of the chip (TRM, table 3-3)."""

BASE = {region.name: region.first for region in REGIONS}
"""Peripheral -> address of its first register."""

_SOURCES = """
    WIFI_MAC WIFI_MAC_NMI WIFI_PWR WIFI_BB BT_MAC BT_BB BT_BB_NMI RWBT RWBLE RWBT_NMI RWBLE_NMI
    I2C_MASTER SLC0 SLC1 APB_CTRL UHCI0 GPIO GPIO_NMI SPI1 SPI2 I2S0 UART0 UART1 LEDC EFUSE TWAI0
    USB_DEVICE RTC_CORE RMT I2C_EXT0 TIMER1 TIMER2 TG0_T0_LEVEL TG0_WDT_LEVEL TG1_T0_LEVEL
    TG1_WDT_LEVEL CACHE_IA SYSTIMER_TARGET0 SYSTIMER_TARGET1 SYSTIMER_TARGET2 SPI_MEM_REJECT_CACHE
    ICACHE_PRELOAD0 ICACHE_SYNC0 APB_ADC DMA_CH0 DMA_CH1 DMA_CH2 RSA AES SHA FROM_CPU_INTR0
    FROM_CPU_INTR1 FROM_CPU_INTR2 FROM_CPU_INTR3 ASSIST_DEBUG DMA_APBPERI_PMS CORE0_IRAM0_PMS
    CORE0_DRAM0_PMS CORE0_PIF_PMS CORE0_PIF_PMS_SIZE BAK_PMS_VIOLATE CACHE_CORE0_ACS
"""
SOURCE_NAMES: dict[int, str] = dict(enumerate(_SOURCES.split()))
"""Interrupt source -> name (TRM, table 8-1)."""

SOURCE = {name: number for number, name in SOURCE_NAMES.items()}
"""Name -> interrupt source."""
