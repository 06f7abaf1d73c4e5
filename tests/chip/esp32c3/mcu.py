"""The whole chip model without a core: tests play the firmware, register by register."""

from __future__ import annotations

from facet.board.wiring import Wiring
from facet.chip.esp32c3 import memory_map as mm
from facet.chip.esp32c3.chip import Esp32C3
from facet.chip.peripheral import BusError
from facet.state import MCU
from facet.time import ms
from tests.chip.fakes import FakeChip
from tests.chip.firmware_side import FirmwareSide

ROM_TIME = ms(15)
"""From a reset to a program that boots directly."""


class Host(FakeChip):
    """Chip services with the ESP32-C3's memories; interrupts go through its matrix."""

    chip: Esp32C3

    def __init__(self) -> None:
        super().__init__()
        self.memories = {
            mm.SRAM1_BASE: bytearray(mm.SRAM1_SIZE),
        }

    def set_interrupt(self, line: int, active: bool) -> None:
        super().set_interrupt(line, active)
        self.chip.interrupt_core0.source_changed(line, active)

    def _place(self, address: int, size: int) -> tuple[bytearray, int]:
        for base, memory in self.memories.items():
            if base <= address <= base + len(memory) - size:
                return memory, address - base
        raise BusError(hex(address))

    def read_memory(self, address: int, size: int) -> bytes:
        memory, offset = self._place(address, size)
        return bytes(memory[offset : offset + size])

    def write_memory(self, address: int, data: bytes) -> None:
        memory, offset = self._place(address, len(data))
        memory[offset : offset + len(data)] = data


class Mcu(FirmwareSide):
    """The chip when the ROM has handed over to a program that boots directly.

    Attributes:
        held: whether the CPU is stalled, as the core would be.
        taken: the CPU interrupt that is offered to the core.
    """

    host: Host

    def __init__(self, seed: int = 1) -> None:
        self.host = Host()
        self.host.seed = seed
        self.wiring = Wiring()
        self.chip = self.host.chip = Esp32C3(self.host, self.wiring)
        self.host.bus = self.chip.bus
        self.held = False
        self.taken = 0
        self.reset_requests: list[str] = []
        self.chip.hold_core = lambda: self._hold(True)
        self.chip.release_core = lambda: self._hold(False)
        self.chip.interrupt_core0.offer = self._offer
        self.chip.on_reset_request = self.reset_requests.append
        self.connect(self.chip.bus)
        self.reset("power-on")

    def reset(self, cause: str) -> None:
        """The chip resets; what the ROM does to its registers is done."""
        self.run(self.chip.reset(cause))
        self.clear("UART0_CLK_CONF", 0xFF << 12)
        self.write("UART0_CLKDIV", 3 << 20 | 347)
        self.write("EXTMEM_ICACHE_CTRL1", 0)
        self.write("EXTMEM_ICACHE_CTRL", 1)
        for page in range(64):
            self.write(f"MMU_TABLE_ENTRY{page}", page)
        self.run(ROM_TIME)

    def _hold(self, held: bool) -> None:
        self.held = held

    def _offer(self, number: int) -> None:
        self.taken = number

    # -- what most firmware does first
    def run_at_160_mhz(self) -> None:
        self.write("SYSTEM_CPU_PER_CONF", 1 << 2 | 1)
        self.write("SYSTEM_SYSCLK_CONF", 1 << 10)

    def run_from_crystal(self) -> None:
        """40 MHz."""
        self.write("SYSTEM_SYSCLK_CONF", 0)

    def stop_watchdogs(self) -> None:
        self.write("RTC_CNTL_WDTWPROTECT", 0x50D8_3AA1)
        self.write("RTC_CNTL_WDTCONFIG0", 0)
        self.write("RTC_CNTL_WDTWPROTECT", 0)
        self.write("RTC_CNTL_SWD_WPROTECT", 0x8F1D_312A)
        self.set("RTC_CNTL_SWD_CONF", 1 << 31)
        self.write("RTC_CNTL_SWD_WPROTECT", 0)
        self.write("TIMG0_WDTCONFIG0", 0)

    def route_interrupt(self, source: str, number: int, priority: int = 1) -> None:
        """Maps a source to a CPU interrupt and enables it."""
        self.write(f"INTERRUPT_CORE0_CORE_0_INTR_MAP{mm.SOURCE[source]}", number)
        self.write(f"INTERRUPT_CORE0_CPU_INT_PRI{number}", priority)
        self.set("INTERRUPT_CORE0_CPU_INT_ENABLE", 1 << number)

    def asked_to_sleep(self) -> str:
        """Notifies the chip that the core is held, as the machine does."""
        assert self.held
        return self.chip.enter_low_power(False)

    def woken(self) -> None:
        """Ends the chip's mode when the core continues, as the machine does."""
        assert not self.held
        self.run(self.chip.leave_low_power())

    # -- what the board shows
    @property
    def rules(self) -> list[str]:
        return self.host.rules

    @property
    def mhz(self) -> float:
        return self.chip.hclk.hz / 1e6

    @property
    def state(self) -> str:
        return [state for _, subject, state in self.host.states if subject == MCU][-1].text
