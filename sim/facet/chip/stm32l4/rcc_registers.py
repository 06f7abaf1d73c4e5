"""Registers of the RCC (RM0351 6.4)."""

from __future__ import annotations

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4 import clock_gates


def _ready_bits(suffix: str) -> dict[str, int]:
    names = ("LSI", "LSE", "MSI", "HSI", "HSE", "PLL", "PLLSAI1", "PLLSAI2")
    numbers = {name: number for number, name in enumerate(names)} | {"HSI48": 10}
    return {f"{name}RDY{suffix}": number for name, number in numbers.items()}


class RccRegisters(Peripheral):
    """The registers of the RCC."""

    CR = Register(
        0x00,
        0x0000_0063,
        MSION=bit(0),
        MSIRDY=bit(1, "ro"),
        MSIPLLEN=bit(2),
        MSIRGSEL=bit(3, "rs"),
        MSIRANGE=bits(7, 4),
        HSION=bit(8),
        HSIKERON=bit(9),
        HSIRDY=bit(10, "ro"),
        HSIASFS=bit(11),
        HSEON=bit(16),
        HSERDY=bit(17, "ro"),
        HSEBYP=bit(18),
        CSSON=bit(19, "rs"),
        PLLON=bit(24),
        PLLRDY=bit(25, "ro"),
        PLLSAI1ON=bit(26),
        PLLSAI1RDY=bit(27, "ro"),
        PLLSAI2ON=bit(28),
        PLLSAI2RDY=bit(29, "ro"),
    )
    ICSCR = Register(
        0x04,
        0x1000_0000,
        MSICAL=bits(7, 0, "ro"),
        MSITRIM=bits(15, 8),
        HSICAL=bits(23, 16, "ro"),
        HSITRIM=bits(28, 24),
    )
    CFGR = Register(
        0x08,
        SW=bits(1, 0),
        SWS=bits(3, 2, "ro"),
        HPRE=bits(7, 4),
        PPRE1=bits(10, 8),
        PPRE2=bits(13, 11),
        STOPWUCK=bit(15),
        MCOSEL=bits(26, 24),
        MCOPRE=bits(30, 28),
    )
    PLLCFGR = Register(
        0x0C,
        0x0000_1000,
        PLLSRC=bits(1, 0),
        PLLM=bits(6, 4),
        PLLN=bits(14, 8),
        PLLPEN=bit(16),
        PLLP=bit(17),
        PLLQEN=bit(20),
        PLLQ=bits(22, 21),
        PLLREN=bit(24),
        PLLR=bits(26, 25),
    )
    PLLSAI1CFGR = Register(
        0x10,
        0x0000_1000,
        PLLSAI1N=bits(14, 8),
        PLLSAI1PEN=bit(16),
        PLLSAI1P=bit(17),
        PLLSAI1QEN=bit(20),
        PLLSAI1Q=bits(22, 21),
        PLLSAI1REN=bit(24),
        PLLSAI1R=bits(26, 25),
    )
    PLLSAI2CFGR = Register(
        0x14,
        0x0000_1000,
        PLLSAI2N=bits(14, 8),
        PLLSAI2PEN=bit(16),
        PLLSAI2P=bit(17),
        PLLSAI2REN=bit(24),
        PLLSAI2R=bits(26, 25),
    )
    CIER = Register(0x18, **{n: bit(b) for n, b in _ready_bits("IE").items()}, LSECSSIE=bit(9))
    CIFR = Register(
        0x1C,
        0,
        "ro",
        **{n: bit(b) for n, b in _ready_bits("F").items()},
        CSSF=bit(8),
        LSECSSF=bit(9),
    )
    CICR = Register(
        0x20,
        0,
        "wo",
        **{n: bit(b) for n, b in _ready_bits("C").items()},
        CSSC=bit(8),
        LSECSSC=bit(9),
    )
    AHB1RSTR = Register(0x28, **clock_gates.resets("AHB1"))
    AHB2RSTR = Register(0x2C, **clock_gates.resets("AHB2"))
    AHB3RSTR = Register(0x30, **clock_gates.resets("AHB3"))
    APB1RSTR1 = Register(0x38, **clock_gates.resets("APB1_1"))
    APB1RSTR2 = Register(0x3C, **clock_gates.resets("APB1_2"))
    APB2RSTR = Register(0x40, **clock_gates.resets("APB2"))
    AHB1ENR = Register(0x48, 0x0000_0100, **clock_gates.enables("AHB1"))
    AHB2ENR = Register(0x4C, **clock_gates.enables("AHB2"))
    AHB3ENR = Register(0x50, **clock_gates.enables("AHB3"))
    APB1ENR1 = Register(0x58, **clock_gates.enables("APB1_1"))
    APB1ENR2 = Register(0x5C, **clock_gates.enables("APB1_2"))
    APB2ENR = Register(0x60, **clock_gates.enables("APB2"))
    # FIDELITY:
    #   model: A peripheral answers as soon as its enable bit is set.
    #   silicon: It answers two cycles of its bus later (RM0351 6.2.18).
    #   hides: An access that comes too early and is lost.
    # FIDELITY:
    #   model: MCO drives no pin, trimming changes no frequency, and no crystal fails.
    #   silicon: All three happen, and clock security systems detect a failed crystal.
    #   hides: A wrong trim, and a clock security handler that was never tested.
    # FIDELITY:
    #   model: The SMENR registers are stored and gate nothing.
    #   silicon: A peripheral whose bit is 0 has no clock in Sleep and Stop.
    #   hides: A transfer that stops while the core sleeps.
    AHB1SMENR = Register(0x68, 0x0001_1303, **clock_gates.sleep_enables("AHB1", SRAM1SMEN=bit(9)))
    AHB2SMENR = Register(0x6C, 0x0005_32FF, **clock_gates.sleep_enables("AHB2", SRAM2SMEN=bit(9)))
    AHB3SMENR = Register(0x70, 0x0000_0101, **clock_gates.sleep_enables("AHB3"))
    APB1SMENR1 = Register(0x78, 0xF2FE_CA3F, **clock_gates.sleep_enables("APB1_1"))
    APB1SMENR2 = Register(0x7C, 0x0000_0025, **clock_gates.sleep_enables("APB1_2"))
    APB2SMENR = Register(0x80, 0x0167_7C01, **clock_gates.sleep_enables("APB2"))
    CCIPR = Register(
        0x88,
        USART1SEL=bits(1, 0),
        USART2SEL=bits(3, 2),
        USART3SEL=bits(5, 4),
        UART4SEL=bits(7, 6),
        UART5SEL=bits(9, 8),
        LPUART1SEL=bits(11, 10),
        I2C1SEL=bits(13, 12),
        I2C2SEL=bits(15, 14),
        I2C3SEL=bits(17, 16),
        LPTIM1SEL=bits(19, 18),
        LPTIM2SEL=bits(21, 20),
        SAI1SEL=bits(23, 22),
        SAI2SEL=bits(25, 24),
        CLK48SEL=bits(27, 26),
        ADCSEL=bits(29, 28),
        SWPMI1SEL=bit(30),
        DFSDM1SEL=bit(31),
    )
    BDCR = Register(
        0x90,
        LSEON=bit(0),
        LSERDY=bit(1, "ro"),
        LSEBYP=bit(2),
        LSEDRV=bits(4, 3),
        LSECSSON=bit(5, "rs"),
        LSECSSD=bit(6, "ro"),
        RTCSEL=bits(9, 8),
        RTCEN=bit(15),
        BDRST=bit(16),
        LSCOEN=bit(24),
        LSCOSEL=bit(25),
    )
    CRRCR = Register(0x98, HSI48ON=bit(0), HSI48RDY=bit(1, "ro"), HSI48CAL=bits(15, 7, "ro"))
    CSR = Register(
        0x94,
        0x0C00_0600,
        LSION=bit(0),
        LSIRDY=bit(1, "ro"),
        MSISRANGE=bits(11, 8),
        RMVF=bit(23),
        FWRSTF=bit(24, "ro"),
        OBLRSTF=bit(25, "ro"),
        PINRSTF=bit(26, "ro"),
        BORRSTF=bit(27, "ro"),
        SFTRSTF=bit(28, "ro"),
        IWDGRSTF=bit(29, "ro"),
        WWDGRSTF=bit(30, "ro"),
        LPWRRSTF=bit(31, "ro"),
    )
