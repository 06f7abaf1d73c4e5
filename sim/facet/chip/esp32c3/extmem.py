"""EXTMEM and MMU_TABLE: the flash cache and its address mapping (TRM, 3.3.3)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.memory_map import FLASH_SIZE
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits

PAGE_SIZE = 64 << 10
MMU_ENTRIES = 128


class Extmem(GatedPeripheral):
    """The cache's control registers.

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

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self.on_invalidate: Callable[[], None] = lambda: None
        """Called when the firmware invalidates the cache."""
        self.on_switch: Callable[[bool], None] = lambda _readable: None
        """Called with whether code in flash can be fetched, after each switch."""

    def reset(self) -> None:
        """As after the ROM: the cache is on and both buses are open."""
        super().reset()
        # FIDELITY:
        #   model: The reset puts the cache into the state in which the ROM leaves it.
        #   silicon: The ROM's code does that.
        #   hides: Nothing from a program that the ROM starts.
        self.ICACHE_CTRL["ICACHE_ENABLE"] = 1
        self.ICACHE_CTRL1.value = 0
        self.on_switch(self.enabled)

    @property
    def enabled(self) -> bool:
        """Whether fetches from flash work."""
        return bool(self.ICACHE_CTRL["ICACHE_ENABLE"] and not self.ICACHE_CTRL1["ICACHE_SHUT_IBUS"])

    def write_ICACHE_CTRL(self, value: int, old: int) -> None:
        """Switches the cache on and off."""
        self.on_switch(self.enabled)

    def write_ICACHE_CTRL1(self, value: int, old: int) -> None:
        """Shuts and opens the buses of the cache."""
        self.on_switch(self.enabled)

    def fetched_while_off(self, address: int) -> None:
        """Reports code in flash that runs while the cache is off or shut."""
        # FIDELITY:
        #   model: Flash stays readable while the cache is off or shut. Code that runs from flash
        #     then is reported.
        #   silicon: Reads of flash give random data, and the program runs astray.
        #   hides: A load from flash while the cache is off.
        self.report_once(
            "cache-off",
            f"code in flash at {address:#x} while the flash cache is off "
            "(ICACHE_CTRL.ICACHE_ENABLE=0) or shut (ICACHE_CTRL1.ICACHE_SHUT_IBUS=1)",
        )

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
    """The mapping of flash pages: 1:1, as the ROM maps them for direct boot.

    Args:
        name: MMU_TABLE.
        base: address of entry 0.
        chip: the chip's services.
    """

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        for number in range(MMU_ENTRIES):
            self.add_numbered(
                Register(4 * number, 0, "rw", PADDR=bits(7, 0), INVALID=bit(8)), "ENTRY{}", number
            )

    def reset(self) -> None:
        """As after the ROM, which maps the first 4 MB 1:1."""
        super().reset()
        for number in range(MMU_ENTRIES):
            mapped = number < FLASH_SIZE // PAGE_SIZE
            self.registers[f"ENTRY{number}"].value = number if mapped else 1 << 8

    def write_ENTRY(self, number: int, value: int, old: int) -> None:
        """Maps a page."""
        if value != old:
            self.not_modelled(f"ENTRY{number}={value:#x}: mapping other than the ROM's, 1:1")
