"""EXTMEM and MMU_TABLE: the flash cache and its address mapping (TRM, 3.3.3)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.memory_map import (
    DROM_BASE,
    FLASH_BASE,
    FLASH_SIZE,
    FLASH_WINDOW_SIZE,
    IROM_BASE,
)
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.engine.protocol import MemoryRegion

PAGE_SIZE = 64 << 10
MMU_ENTRIES = 128
_INVALID = 1 << 8
_FLASH_PAGES = FLASH_SIZE // PAGE_SIZE
_BUSES = (("IBUS", "code", IROM_BASE), ("DBUS", "data", DROM_BASE))


class Extmem(GatedPeripheral):
    """The cache's control registers.

    FIDELITY:
        model: An access that the cache refuses is reported and raises an access fault. The cache's
            memories keep their power.
        silicon: The access raises an interrupt and is logged in the cache's registers.
        hides: A program's handler for that interrupt.

    Args:
        name: EXTMEM.
        base: address of ICACHE_CTRL.
        chip: the chip's services.
    """

    ICACHE_CTRL = Register(0x00, 0, "rw", ICACHE_ENABLE=bit(0))
    ICACHE_CTRL1 = Register(0x04, 0x0003, "rw", ICACHE_SHUT_IBUS=bit(0), ICACHE_SHUT_DBUS=bit(1))
    ICACHE_LOCK_CTRL = Register(
        0x1C,
        0x0004,
        "rw",
        ICACHE_LOCK_ENA=bit(0),
        ICACHE_UNLOCK_ENA=bit(1),
        ICACHE_LOCK_DONE=bit(2, "ro"),
    )
    ICACHE_SYNC_CTRL = Register(
        0x28, 0x0001, "rw", ICACHE_INVALIDATE_ENA=bit(0), ICACHE_SYNC_DONE=bit(1, "ro")
    )
    ICACHE_PRELOAD_CTRL = Register(
        0x34,
        0x0002,
        "rw",
        ICACHE_PRELOAD_ENA=bit(0),
        ICACHE_PRELOAD_DONE=bit(1, "ro"),
        ICACHE_PRELOAD_ORDER=bit(2),
    )
    # FIDELITY:
    #   model: A frozen cache works as before.
    #   silicon: A frozen cache refuses accesses that miss.
    #   hides: A program that reads flash while it has frozen the cache.
    ICACHE_FREEZE = Register(0xCC, 0, "rw", ENA=bit(0), MODE=bit(1), DONE=bit(2, "ro"))

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self.on_invalidate: Callable[[], None] = lambda: None
        """Called when the firmware invalidates the cache."""
        self.on_switch: Callable[[], None] = lambda: None
        """Called when the cache or one of its buses was switched."""

    def reset(self) -> None:
        """Carries out a reset: the cache is off and both buses are shut."""
        super().reset()
        self.on_switch()

    @property
    def enabled(self) -> bool:
        """Whether the cache is on."""
        return bool(self.ICACHE_CTRL["ICACHE_ENABLE"])

    def obstacle(self, bus: str) -> str | None:
        """Why a bus cannot read the flash; None where it can.

        Args:
            bus: "IBUS" or "DBUS".
        """
        if not self.enabled:
            return "the flash cache is off (EXTMEM_ICACHE_CTRL.ICACHE_ENABLE=0)"
        if self.ICACHE_CTRL1[f"ICACHE_SHUT_{bus}"]:
            return f"the flash cache is shut (EXTMEM_ICACHE_CTRL1.ICACHE_SHUT_{bus}=1)"
        return None

    def write_ICACHE_CTRL(self, value: int, old: int) -> None:
        """Switches the cache on and off."""
        self.on_switch()

    def write_ICACHE_CTRL1(self, value: int, old: int) -> None:
        """Shuts and opens the buses of the cache."""
        self.on_switch()

    def write_ICACHE_FREEZE(self, value: int, old: int) -> None:
        """Freezes and unfreezes the cache."""
        self.ICACHE_FREEZE["DONE"] = self.ICACHE_FREEZE["ENA"]

    def write_ICACHE_SYNC_CTRL(self, value: int, old: int) -> None:
        """Invalidates the cache."""
        if self.ICACHE_SYNC_CTRL["ICACHE_INVALIDATE_ENA"]:
            self.on_invalidate()
        self.ICACHE_SYNC_CTRL["ICACHE_INVALIDATE_ENA"] = 0
        self.ICACHE_SYNC_CTRL["ICACHE_SYNC_DONE"] = 1

    def write_ICACHE_PRELOAD_CTRL(self, value: int, old: int) -> None:
        """Reports preloading, which is not modelled."""
        if self.ICACHE_PRELOAD_CTRL["ICACHE_PRELOAD_ENA"]:
            self.not_modelled("ICACHE_PRELOAD_CTRL.ICACHE_PRELOAD_ENA=1: preloading the cache")
            self.ICACHE_PRELOAD_CTRL["ICACHE_PRELOAD_ENA"] = 0

    def write_ICACHE_LOCK_CTRL(self, value: int, old: int) -> None:
        """Reports locking of lines, which is not modelled."""
        if self.ICACHE_LOCK_CTRL["ICACHE_LOCK_ENA"]:
            self.not_modelled("ICACHE_LOCK_CTRL.ICACHE_LOCK_ENA=1: locking cache lines")


class MmuTable(GatedPeripheral):
    """The mapping of the flash's pages, 64 KB each, into the address windows.

    Args:
        name: MMU_TABLE.
        base: address of entry 0.
        chip: the chip's services.
        extmem: the cache in front.
    """

    def __init__(self, name: str, base: int, chip: ChipServices, *, extmem: Extmem) -> None:
        super().__init__(name, base, chip)
        self._extmem = extmem
        self.on_change: Callable[[], None] = lambda: None
        """Called when `windows` has changed."""
        for number in range(MMU_ENTRIES):
            self.add_numbered(
                Register(4 * number, 0, "rw", PADDR=bits(7, 0), INVALID=bit(8)), "ENTRY{}", number
            )
        self._entries = [self.registers[f"ENTRY{number}"] for number in range(MMU_ENTRIES)]

    def reset(self) -> None:
        """Carries out a reset: no page is mapped."""
        super().reset()
        # FIDELITY:
        #   model: A reset leaves no entry valid.
        #   silicon: The content of the table after a reset is not published.
        #   hides: Nothing, because the ROM writes every entry.
        for entry in self._entries:
            entry.value = _INVALID
        self.on_change()

    def write_ENTRY(self, number: int, value: int, old: int) -> None:
        """Maps a page."""
        if value != old:
            self.on_change()

    def windows(self) -> list[MemoryRegion]:
        """The pages of flash that code and data can read now, with adjacent pages joined."""
        return [
            MemoryRegion(
                f"FLASH ({name})",
                base + first * PAGE_SIZE,
                count * PAGE_SIZE,
                writable=False,
                alias_of=FLASH_BASE + page * PAGE_SIZE,
            )
            for bus, name, base in _BUSES
            if self._extmem.obstacle(bus) is None
            for first, page, count in self._runs()
        ]

    def _runs(self) -> list[tuple[int, int, int]]:
        """Runs of adjacent pages: first entry, page of the flash, number of pages."""
        runs: list[tuple[int, int, int]] = []
        for number, entry in enumerate(self._entries):
            if entry["INVALID"]:
                continue
            page = entry["PADDR"] % _FLASH_PAGES  # a flash ignores the upper bits of an address
            if runs:
                first, begin, count = runs[-1]
                if (number, page) == (first + count, begin + count):
                    runs[-1] = (first, begin, count + 1)
                    continue
            runs.append((number, page, 1))
        return runs

    def why_unmapped(self, address: int) -> tuple[str, str] | None:
        """The rule that an access to an address without flash breaks, and the reason.

        None outside of the windows.
        """
        for bus, _, base in _BUSES:
            if base <= address < base + FLASH_WINDOW_SIZE:
                number = (address - base) // PAGE_SIZE
                obstacle = self._extmem.obstacle(bus)
                if obstacle is not None:
                    return "cache-off", obstacle
                value = self._entries[number].value
                return "fault", f"no flash is mapped (MMU_TABLE_ENTRY{number}={value:#x})"
        return None
