"""The bits of the peripherals in the RCC's enable, reset and sleep-mode registers.

Source: RM0351, 6.4.10 to 6.4.27.
"""

from __future__ import annotations

from facet.chip.registers import Field, bit

GATES: dict[str, dict[str, int]] = {
    "AHB1": {"DMA1": 0, "DMA2": 1, "FLASH": 8, "CRC": 12, "TSC": 16},
    "AHB2": {
        **{f"GPIO{port}": number for number, port in enumerate("ABCDEFGH")},
        "OTGFS": 12,
        "ADC": 13,
        "RNG": 18,
    },
    "AHB3": {"FMC": 0, "QSPI": 8},
    "APB1_1": {
        **{f"TIM{number}": number - 2 for number in range(2, 8)},
        "LCD": 9,
        "WWDG": 11,
        "SPI2": 14,
        "SPI3": 15,
        "USART2": 17,
        "USART3": 18,
        "UART4": 19,
        "UART5": 20,
        "I2C1": 21,
        "I2C2": 22,
        "I2C3": 23,
        "CAN1": 25,
        "PWR": 28,
        "DAC1": 29,
        "OPAMP": 30,
        "LPTIM1": 31,
    },
    "APB1_2": {"LPUART1": 0, "SWPMI1": 2, "LPTIM2": 5},
    "APB2": {
        "SYSCFG": 0,
        "FW": 7,
        "SDMMC1": 10,
        "TIM1": 11,
        "SPI1": 12,
        "TIM8": 13,
        "USART1": 14,
        "TIM15": 16,
        "TIM16": 17,
        "TIM17": 18,
        "SAI1": 21,
        "SAI2": 22,
        "DFSDM1": 24,
    },
}
"""Bus (the registers' name without suffix) -> peripheral -> bit."""

REGISTERS: dict[str, tuple[str, str]] = {
    "AHB1": ("AHB1ENR", "AHB1RSTR"),
    "AHB2": ("AHB2ENR", "AHB2RSTR"),
    "AHB3": ("AHB3ENR", "AHB3RSTR"),
    "APB1_1": ("APB1ENR1", "APB1RSTR1"),
    "APB1_2": ("APB1ENR2", "APB1RSTR2"),
    "APB2": ("APB2ENR", "APB2RSTR"),
}
"""Bus -> its enable and its reset register."""

SET_ONLY = frozenset({"WWDG", "FW"})
"""Peripherals that stay enabled until a system reset and have no reset bit."""


def enables(bus: str) -> dict[str, Field]:
    """The fields of the bus's enable register."""
    return {
        f"{name}EN": bit(number, "rs" if name in SET_ONLY else None)
        for name, number in GATES[bus].items()
    }


def resets(bus: str) -> dict[str, Field]:
    """The fields of the bus's reset register."""
    return {f"{name}RST": bit(n) for name, n in GATES[bus].items() if name not in SET_ONLY}


def sleep_enables(bus: str, **more: Field) -> dict[str, Field]:
    """The fields of the bus's sleep-mode enable register; `more` are those of memories."""
    return {f"{name}SMEN": bit(n) for name, n in GATES[bus].items() if name != "FW"} | more


def gate_of(peripheral: str) -> tuple[str, str] | None:
    """The bus and the gate's name of a peripheral; None for one that needs no enable bit.

    EXTI, IWDG, DBGMCU, RCC and, on the STM32L47x, the RTC's bus interface are always clocked.
    """
    for bus, names in GATES.items():
        if peripheral in names:
            return bus, peripheral
    return None
