"""The whole chip model without a core: tests play the firmware, register by register."""

from __future__ import annotations

from facet.board.board import LSE_STARTUP
from facet.board.wiring import Wiring
from facet.chip.stm32l4.chip import Stm32L4
from facet.chip.stm32l4.variants import STM32L476RG, Variant
from facet.time import Time, us
from tests.chip.fakes import FakeChip
from tests.chip.firmware_side import FirmwareSide


class Crystals:
    """A board with an LSE crystal, as the NUCLEO-L476RG has."""

    lse_hz = 32_768
    lse_startup = LSE_STARTUP
    hse_hz = 0


class Mcu(FirmwareSide):
    """The chip after power-on."""

    def __init__(self, variant: Variant = STM32L476RG, seed: int = 1) -> None:
        self.host = FakeChip()
        self.host.seed = seed
        self.core_events = 0
        self.wiring = Wiring()
        self.chip = Stm32L4(self.host, self.wiring, Crystals(), variant)
        self.host.bus = self.chip.bus
        self.chip.send_event = self._event_sent
        self.reset_requests: list[str] = []
        self.chip.on_reset_request = self.reset_requests.append
        self.chip.reset("power-on")
        self.connect(self.chip.bus)

    def _event_sent(self) -> None:
        self.core_events += 1

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
