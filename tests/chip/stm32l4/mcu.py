"""The whole chip model without a core: tests play the firmware, register by register."""

from __future__ import annotations

from facet.board.wiring import Wiring
from facet.chip.stm32l4.chip import Stm32L4
from facet.chip.stm32l4.variants import STM32L476RG, Variant
from facet.time import Time, us
from tests.chip.fakes import FakeChip


class Crystals:
    """A board with an LSE crystal, as the NUCLEO-L476RG has."""

    lse_hz = 32_768
    hse_hz = 0


class Mcu:
    """The chip after power-on."""

    def __init__(self, variant: Variant = STM32L476RG) -> None:
        self.host = FakeChip()
        self.core_events = 0
        self.wiring = Wiring()
        self.chip = Stm32L4(self.host, self.wiring, Crystals(), variant)
        self.host.bus = self.chip.bus
        self.chip.send_event = self._event_sent
        self.reset_requests: list[str] = []
        self.chip.on_reset_request = self.reset_requests.append
        self.chip.reset("power-on")
        self._address = {
            f"{peripheral.name}_{register}": peripheral.base + offset
            for peripheral in self.chip.bus.peripherals
            for register, offset in peripheral.declared().items()
        }

    def _event_sent(self) -> None:
        self.core_events += 1

    # -- the firmware's side
    def read(self, register: str) -> int:
        """Reads a register by the manual's name, such as ``RCC_CR``."""
        return self.chip.bus.read(self._address[register], 4)

    def write(self, register: str, value: int) -> None:
        self.chip.bus.write(self._address[register], 4, value)

    def set(self, register: str, mask: int) -> None:
        self.write(register, self.read(register) | mask)

    def clear(self, register: str, mask: int) -> None:
        self.write(register, self.read(register) & ~mask)

    def field(self, register: str, low: int, width: int = 1) -> int:
        """`width` bits of a register from bit `low` up."""
        return self.read(register) >> low & (1 << width) - 1

    def run(self, span: Time) -> None:
        self.host.run(span)

    # -- what most firmware does first
    def run_at_80_mhz(self) -> None:
        """4 MHz from MSI times 40 over 2, with 4 wait states."""
        self.write("FLASH_ACR", 0x704)
        self.write("RCC_PLLCFGR", 1 << 24 | 40 << 8 | 1)
        self.set("RCC_CR", 1 << 24)
        self.run(us(50))
        self.set("RCC_CFGR", 3)

    def open_backup_domain(self) -> None:
        """PWR_CR1.DBP."""
        self.set("RCC_APB1ENR1", 1 << 28)
        self.set("PWR_CR1", 1 << 8)

    def start_rtc(self, clock: str = "LSE") -> None:
        """The RTC on LSE or LSI, its registers unlocked."""
        self.open_backup_domain()
        if clock == "LSE":
            self.set("RCC_BDCR", 1)
            self.run(Time(3 * 10**12))
        else:
            self.set("RCC_CSR", 1)
            self.run(us(200))
        self.set("RCC_BDCR", (1 if clock == "LSE" else 2) << 8 | 1 << 15)
        self.write("RTC_WPR", 0xCA)
        self.write("RTC_WPR", 0x53)

    # -- what the board shows
    @property
    def rules(self) -> list[str]:
        return self.host.rules

    @property
    def mhz(self) -> float:
        return self.chip.hclk.hz / 1e6

    @property
    def state(self) -> str:
        return self.host.states[-1][2].text
