"""The differences between the chips of the family: memories, package, peripherals, registers.

RM0351 describes the STM32L47x, RM0394 the STM32L43x. A peripheral that both have is the same on
both, except for the registers and fields named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facet.chip.bus import Region
from facet.chip.registers import Field, bit
from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.clock_gates import GATES, REGISTERS, SET_ONLY
from facet.engine.protocol import MemoryRegion
from facet.pinout.stm32l4 import L432_BONDED, L432_FUNCTIONS, L476_BONDED, L476_FUNCTIONS


@dataclass(frozen=True)
class Variant:
    """One chip of the family, in one package.

    Attributes:
        name: the order code without flash size and temperature range.
        flash_size, sram1_size, sram2_size: in bytes.
        sram2_follows_sram1: SRAM2 also appears at the end of SRAM1.
        idcode: DBGMCU_IDCODE: device and revision.
        package_code: the package data register.
        bonded: port -> bits of the pins that the package has.
        functions: (pin, AF number) -> signal.
        regions: every peripheral of the chip.
        interrupt_names: NVIC position -> name.
        lacks: (peripheral, register) -> fields that are reserved on this chip.
        lacks_registers: peripheral -> registers that this chip does not have.
        adds: (peripheral, register) -> reset value and declaration of fields that only this one
            has.
        rtc_gate: the RTC's bus interface has an enable bit.
    """

    name: str
    flash_size: int
    sram1_size: int
    sram2_size: int
    sram2_follows_sram1: bool
    idcode: int
    package_code: int
    bonded: Mapping[str, int]
    functions: Mapping[tuple[str, int], str]
    regions: tuple[Region, ...]
    interrupt_names: Mapping[int, str]
    lacks: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    lacks_registers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    adds: Mapping[tuple[str, str], tuple[int, dict[str, Field]]] = field(default_factory=dict)
    rtc_gate: bool = False

    def has(self, peripheral: str) -> bool:
        """Whether the chip has a peripheral of that name."""
        return any(region.name == peripheral for region in self.regions)

    @property
    def memory(self) -> tuple[MemoryRegion, ...]:
        """The memories, which the core accesses without side effects."""
        regions = (
            MemoryRegion("FLASH", mm.FLASH_BASE, self.flash_size, writable=False),
            MemoryRegion("boot", 0, self.flash_size, writable=False, alias_of=mm.FLASH_BASE),
            MemoryRegion("SRAM1", mm.SRAM1_BASE, self.sram1_size, writable=True),
            MemoryRegion("SRAM2", mm.SRAM2_BASE, self.sram2_size, writable=True),
            MemoryRegion("ROM", mm.SYSTEM_MEMORY_BASE, mm.SYSTEM_MEMORY_SIZE, writable=False),
        )
        if not self.sram2_follows_sram1:
            return regions
        end = mm.SRAM1_BASE + self.sram1_size
        alias = MemoryRegion("SRAM2 alias", end, self.sram2_size, True, alias_of=mm.SRAM2_BASE)
        return (*regions, alias)


STM32L476RG = Variant(
    name="STM32L476RG",
    flash_size=1 << 20,
    sram1_size=96 << 10,
    sram2_size=32 << 10,
    sram2_follows_sram1=False,
    idcode=0x1007_6415,  # RM0351 48.6.1: revision 4
    package_code=0,  # RM0351 49.3: LQFP64
    bonded=L476_BONDED,
    functions=L476_FUNCTIONS,
    regions=mm.L476_REGIONS,
    interrupt_names=mm.L476_INTERRUPTS,
    lacks={
        ("RCC", "CIER"): ("HSI48RDYIE",),
        ("RCC", "CIFR"): ("HSI48RDYF",),
        ("RCC", "CICR"): ("HSI48RDYC",),
    },
    lacks_registers={"RCC": ("CRRCR",)},
)


_L432_GATE_NAMES = {"OTGFS": "OTG_FS", "QSPI": "QUADSPI", "FW": "FIREWALL"}
"""Gates whose names differ from those of their peripherals in the memory map."""


def _gates_missing_on_l432() -> dict[tuple[str, str], tuple[str, ...]]:
    """The RCC fields of absent peripherals, which do not exist (RM0394, 6.4.9 to 6.4.26)."""
    there = {region.name for region in mm.L432_REGIONS}
    fields = {}
    for bus, gates in GATES.items():
        absent = [name for name in gates if _L432_GATE_NAMES.get(name, name) not in there]
        enable, reset = REGISTERS[bus]
        fields["RCC", enable] = tuple(f"{name}EN" for name in absent)
        fields["RCC", reset] = tuple(f"{name}RST" for name in absent if name not in SET_ONLY)
        sleep = enable.replace("ENR", "SMENR")
        fields["RCC", sleep] = tuple(f"{name}SMEN" for name in absent)
    return fields


def _ready_flags_of_pllsai2() -> dict[tuple[str, str], tuple[str, ...]]:
    flags = {"CIER": "PLLSAI2RDYIE", "CIFR": "PLLSAI2RDYF", "CICR": "PLLSAI2RDYC"}
    return {("RCC", register): (flag,) for register, flag in flags.items()}


# FIDELITY:
#   model: The start-up and wake-up times of the STM32L432 are those of the STM32L476's data sheet.
#   silicon: The STM32L432's own times (DS11451) differ by up to some microseconds.
#   hides: A wake-up that differs by as much.
STM32L432KC = Variant(
    name="STM32L432KC",
    flash_size=256 << 10,
    sram1_size=48 << 10,
    sram2_size=16 << 10,
    sram2_follows_sram1=True,  # RM0394 2.4: at 0x2000 C000, for a continuous space
    idcode=0x1001_6435,  # RM0394 47.6.1: STM32L43x, revision Z
    package_code=8,  # RM0394 48.3: UFQFPN32
    bonded=L432_BONDED,
    functions=L432_FUNCTIONS,
    regions=mm.L432_REGIONS,
    interrupt_names=mm.L432_INTERRUPTS,
    lacks=_gates_missing_on_l432()
    | _ready_flags_of_pllsai2()
    | {
        ("RCC", "CR"): ("PLLSAI2ON", "PLLSAI2RDY"),
        ("RCC", "CCIPR"): (
            *("USART3SEL", "UART4SEL", "UART5SEL", "I2C2SEL", "SAI2SEL", "DFSDM1SEL"),
        ),
        ("FLASH", "CR"): ("BKER", "MER2"),  # one bank
        ("FLASH", "ECCR"): ("BK_ECC",),
        ("PWR", "CR2"): ("PVME2", "IOSV"),  # no VDDIO2
        ("PWR", "SR2"): ("PVMO2",),
        ("SYSCFG", "MEMRMP"): ("FB_MODE",),
        ("SYSCFG", "CFGR1"): ("I2C2_FMP", "I2C_PB8_FMP", "I2C_PB9_FMP"),
    },
    lacks_registers={
        "RCC": ("PLLSAI2CFGR",),
        "FLASH": ("PCROP2SR", "PCROP2ER", "WRP2AR", "WRP2BR"),
        "PWR": tuple(f"P{way}CR{port}" for port in "DEFG" for way in "UD"),
    },
    adds={
        ("RCC", "APB1ENR1"): (
            1 << 10,
            {"RTCAPBEN": bit(10), "CRSEN": bit(24), "USBFSEN": bit(26)},  # RM0394 6.4.18
        ),
        ("RCC", "APB1RSTR1"): (0, {"CRSRST": bit(24), "USBFSRST": bit(26)}),
        ("RCC", "APB1SMENR1"): (
            1 << 10 | 1 << 24 | 1 << 26,
            {"RTCAPBSMEN": bit(10), "CRSSMEN": bit(24), "USBFSSMEN": bit(26)},
        ),
    },
    rtc_gate=True,
)
