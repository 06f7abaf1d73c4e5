"""The DMA controllers and the peripherals that they serve: USARTs, I2Cs and SPIs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from facet.board.wiring import Wiring
from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.pins import PinRouter
from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.dma import Dma
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.i2c import I2c
from facet.chip.stm32l4.rcc import Rcc
from facet.chip.stm32l4.spi import Spi
from facet.chip.stm32l4.syscfg import Syscfg
from facet.chip.stm32l4.usart import Lpuart, Usart


def serial_peripherals(
    place: Callable[[str], tuple[str, int, ChipServices]],
    has: Callable[[str], bool],
    *,
    rcc: Rcc,
    syscfg: Syscfg,
    pins: PinRouter,
    wiring: Wiring,
) -> tuple[Peripheral, ...]:
    """Makes those that the chip has.

    Args:
        place: name, address and services of a peripheral by its name.
        has: whether the chip has the peripheral of a name.
        rcc: its clocks.
        syscfg: the drive strength of the I2C pins.
        pins: the GPIO's routing.
        wiring: the board.
    """
    irq = mm.INTERRUPT
    controllers = [
        Dma(
            *place(name),
            hclk=rcc.hclk,
            irqs=[irq[f"{name}_Channel{number}"] for number in range(1, 8)],
        )
        for name in ("DMA1", "DMA2")
    ]
    dma = DmaRequests(controllers)
    usarts = [
        (Lpuart if name == "LPUART1" else Usart)(
            *place(name),
            kernel_hz=rcc.kernel_clock(name),
            wiring=wiring,
            pins=pins,
            irq=irq[name],
            dma=dma,
        )
        for name in ("USART1", "USART2", "USART3", "UART4", "UART5", "LPUART1")
        if has(name)
    ]
    i2cs = [
        I2c(
            *place(name),
            kernel_hz=rcc.kernel_clock(name),
            wiring=wiring,
            pins=pins,
            irq_event=irq[f"{name}_EV"],
            irq_error=irq[f"{name}_ER"],
            dma=dma,
            fast_mode_plus=partial(_fast_mode_plus, syscfg, name),
        )
        for name in ("I2C1", "I2C2", "I2C3")
        if has(name)
    ]
    spis = [
        Spi(
            *place(name),
            pclk=rcc.pclk2 if name == "SPI1" else rcc.pclk1,
            wiring=wiring,
            pins=pins,
            irq=irq[name],
            dma=dma,
        )
        for name in ("SPI1", "SPI2", "SPI3")
        if has(name)
    ]
    return (*controllers, *usarts, *i2cs, *spis)


def _fast_mode_plus(syscfg: Syscfg, i2c: str) -> bool:
    return bool(syscfg.CFGR1[f"{i2c}_FMP"])
