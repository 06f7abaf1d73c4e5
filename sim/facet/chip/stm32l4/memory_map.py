"""Memory maps and vector tables of the STM32L476 and the STM32L432.

Sources: RM0351, table 1, figure 2 and table 46; RM0394, figure 2 and table 46.

What both have lies at the same addresses in both.
"""

from __future__ import annotations

from facet.chip.bus import Region

FLASH_BASE = 0x0800_0000
SRAM1_BASE = 0x2000_0000
SRAM2_BASE = 0x1000_0000
SYSTEM_MEMORY_BASE, SYSTEM_MEMORY_SIZE = 0x1FFF_0000, 32 << 10
"""System memory, OTP area and device identification (to 0x1FFF_7FFF)."""
OPTION_BYTES_BASE, OPTION_BYTES_SIZE = 0x1FFF_F000, 4 << 10
PACKAGE_ADDRESS = 0x1FFF_7500
UNIQUE_ID_ADDRESS = 0x1FFF_7590
FLASH_SIZE_ADDRESS = 0x1FFF_75E0

APB1_BASE, APB2_BASE, APB_SIZE = 0x4000_0000, 0x4001_0000, 64 << 10


def bridge_cycles(hclk_hz: int, pclk_hz: int) -> int:
    """HCLK cycles that an access waits for its APB besides the one of any access.

    A transfer on an APB has two phases of a PCLK cycle each (ARM IHI 0024, 3.1).

    FIDELITY:
        model: A write to a register waits as a read does, and two clocks meet without a loss.
        silicon: The bridge buffers a write and waits for an edge of the slower clock; no manual
            gives the figures.
        hides: Up to two PCLK cycles for each access, either way.
    """
    return 2 * (hclk_hz // pclk_hz) - 1 if pclk_hz else 0


_APB1 = (
    *(("TIM2", 0x0000), ("TIM3", 0x0400), ("TIM4", 0x0800), ("TIM5", 0x0C00), ("TIM6", 0x1000)),
    *(("TIM7", 0x1400), ("LCD", 0x2400), ("RTC", 0x2800), ("WWDG", 0x2C00), ("IWDG", 0x3000)),
    *(("SPI2", 0x3800), ("SPI3", 0x3C00), ("USART2", 0x4400), ("USART3", 0x4800)),
    *(("UART4", 0x4C00), ("UART5", 0x5000), ("I2C1", 0x5400), ("I2C2", 0x5800), ("I2C3", 0x5C00)),
    *(("CAN1", 0x6400), ("PWR", 0x7000), ("DAC1", 0x7400), ("OPAMP", 0x7800), ("LPTIM1", 0x7C00)),
    *(("LPUART1", 0x8000), ("SWPMI1", 0x8800), ("LPTIM2", 0x9400)),
)
_APB2 = (
    *(("EXTI", 0x0400), ("FIREWALL", 0x1C00), ("SDMMC1", 0x2800), ("TIM1", 0x2C00)),
    *(("SPI1", 0x3000), ("TIM8", 0x3400), ("USART1", 0x3800), ("TIM15", 0x4000)),
    *(("TIM16", 0x4400), ("TIM17", 0x4800), ("SAI1", 0x5400), ("SAI2", 0x5800)),
)
_AHB1 = (
    *(("DMA1", 0x0000), ("DMA2", 0x0400), ("RCC", 0x1000), ("FLASH", 0x2000), ("CRC", 0x3000)),
    ("TSC", 0x4000),
)


def _pages(bus: int, rows: tuple[tuple[str, int], ...]) -> list[Region]:
    return [Region(name, bus + offset, bus + offset + 0x3FF) for name, offset in rows]


L476_REGIONS: tuple[Region, ...] = (
    *_pages(0x4000_0000, _APB1),
    Region("SYSCFG", 0x4001_0000, 0x4001_002F),
    Region("VREFBUF", 0x4001_0030, 0x4001_01FF),
    Region("COMP", 0x4001_0200, 0x4001_03FF),
    *_pages(0x4001_0000, _APB2),
    Region("DFSDM1", 0x4001_6000, 0x4001_67FF),
    *_pages(0x4002_0000, _AHB1),
    *_pages(0x4800_0000, tuple((f"GPIO{port}", 0x400 * n) for n, port in enumerate("ABCDEFGH"))),
    Region("OTG_FS", 0x5000_0000, 0x5003_FFFF),
    Region("ADC", 0x5004_0000, 0x5004_03FF),
    Region("RNG", 0x5006_0800, 0x5006_0BFF),
    Region("FMC", 0xA000_0000, 0xA000_0FFF),
    Region("QUADSPI", 0xA000_1000, 0xA000_13FF),
    Region("DBGMCU", 0xE004_2000, 0xE004_23FF),
)
"""The peripherals of the STM32L476."""

_NOT_ON_L432 = frozenset(
    (
        *("TIM3", "TIM4", "TIM5", "TIM8", "TIM17", "LCD", "SPI2", "USART3", "UART4", "UART5"),
        *("I2C2", "SDMMC1", "SAI2", "DFSDM1", "OTG_FS", "FMC"),
        *(f"GPIO{port}" for port in "DEFG"),
    )
)

L432_REGIONS: tuple[Region, ...] = (
    *(region for region in L476_REGIONS if region.name not in _NOT_ON_L432),
    *_pages(0x4000_0000, (("CRS", 0x6000), ("USB", 0x6800), ("USB SRAM", 0x6C00))),
)
"""The peripherals of the STM32L432."""

BASE = {region.name: region.first for region in L476_REGIONS}
"""Peripheral that Facet models on any of these chips -> address of its first register."""

_VECTORS = """
    WWDG PVD_PVM TAMP_STAMP RTC_WKUP FLASH RCC EXTI0 EXTI1 EXTI2 EXTI3 EXTI4
    DMA1_Channel1 DMA1_Channel2 DMA1_Channel3 DMA1_Channel4 DMA1_Channel5 DMA1_Channel6
    DMA1_Channel7 ADC1_2 CAN1_TX CAN1_RX0 CAN1_RX1 CAN1_SCE EXTI9_5 TIM1_BRK_TIM15
    TIM1_UP_TIM16 TIM1_TRG_COM_TIM17 TIM1_CC TIM2 TIM3 TIM4 I2C1_EV I2C1_ER I2C2_EV I2C2_ER
    SPI1 SPI2 USART1 USART2 USART3 EXTI15_10 RTC_Alarm DFSDM1_FLT3 TIM8_BRK TIM8_UP
    TIM8_TRG_COM TIM8_CC ADC3 FMC SDMMC1 TIM5 SPI3 UART4 UART5 TIM6_DAC TIM7
    DMA2_Channel1 DMA2_Channel2 DMA2_Channel3 DMA2_Channel4 DMA2_Channel5
    DFSDM1_FLT0 DFSDM1_FLT1 DFSDM1_FLT2 COMP LPTIM1 LPTIM2 OTG_FS DMA2_Channel6 DMA2_Channel7
    LPUART1 QUADSPI I2C3_EV I2C3_ER SAI1 SAI2 SWPMI1 TSC LCD AES RNG FPU
"""
L476_INTERRUPTS: dict[int, str] = dict(enumerate(_VECTORS.split()))
"""NVIC position -> name; position 79 (AES) is not used on the STM32L476."""

L432_INTERRUPTS: dict[int, str] = L476_INTERRUPTS | {67: "USB", 82: "CRS"}
"""As `L476_INTERRUPTS`; those of peripherals that the STM32L432 lacks are reserved."""

INTERRUPT = {name: number for number, name in L476_INTERRUPTS.items()}
"""Name -> NVIC position, of the peripherals that Facet models."""
