"""EXTMEM and MMU_TABLE: the flash cache and what it maps (TRM, 3.3.3)."""

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
    ICACHE_TAG_POWER_CTRL = Register(
        0x08,
        0x0005,
        "rw",
        ICACHE_TAG_MEM_FORCE_ON=bit(0, "ro"),
        ICACHE_TAG_MEM_FORCE_PD=bit(1, "ro"),
        ICACHE_TAG_MEM_FORCE_PU=bit(2, "ro"),
    )
    ICACHE_LOCK_CTRL = Register(
        0x1C,
        0x0004,
        "rw",
        ICACHE_LOCK_ENA=bit(0),
        ICACHE_UNLOCK_ENA=bit(1),
        ICACHE_LOCK_DONE=bit(2, "ro"),
    )
    ICACHE_LOCK_ADDR = Register(
        0x20,
        0,
        "rw",
    )
    ICACHE_LOCK_SIZE = Register(0x24, 0, "rw", ICACHE_LOCK_SIZE=bits(15, 0))
    ICACHE_SYNC_CTRL = Register(
        0x28, 0x0001, "rw", ICACHE_INVALIDATE_ENA=bit(0), ICACHE_SYNC_DONE=bit(1, "ro")
    )
    ICACHE_SYNC_ADDR = Register(
        0x2C,
        0,
        "rw",
    )
    ICACHE_SYNC_SIZE = Register(0x30, 0, "rw", ICACHE_SYNC_SIZE=bits(22, 0))
    ICACHE_PRELOAD_CTRL = Register(
        0x34,
        0x0002,
        "rw",
        ICACHE_PRELOAD_ENA=bit(0),
        ICACHE_PRELOAD_DONE=bit(1, "ro"),
        ICACHE_PRELOAD_ORDER=bit(2),
    )
    ICACHE_PRELOAD_ADDR = Register(
        0x38,
        0,
        "rw",
    )
    ICACHE_PRELOAD_SIZE = Register(0x3C, 0, "rw", ICACHE_PRELOAD_SIZE=bits(15, 0))
    ICACHE_AUTOLOAD_CTRL = Register(
        0x40,
        0x0008,
        "rw",
        ICACHE_AUTOLOAD_SCT0_ENA=bit(0, "ro"),
        ICACHE_AUTOLOAD_SCT1_ENA=bit(1, "ro"),
        ICACHE_AUTOLOAD_ENA=bit(2),
        ICACHE_AUTOLOAD_DONE=bit(3, "ro"),
        ICACHE_AUTOLOAD_ORDER=bit(4, "ro"),
        ICACHE_AUTOLOAD_RQST=bits(6, 5, "ro"),
    )
    CACHE_ACS_CNT_CLR = Register(0x64, 0, "wo", IBUS_ACS_CNT_CLR=bit(0), DBUS_ACS_CNT_CLR=bit(1))
    IBUS_ACS_MISS_CNT = Register(
        0x68,
        0,
        "ro",
    )
    IBUS_ACS_CNT = Register(
        0x6C,
        0,
        "ro",
    )
    DBUS_ACS_FLASH_MISS_CNT = Register(
        0x70,
        0,
        "ro",
    )
    DBUS_ACS_CNT = Register(
        0x74,
        0,
        "ro",
    )
    CACHE_ILG_INT_ENA = Register(
        0x78,
        0,
        "rw",
        ICACHE_SYNC_OP_FAULT=bit(0),
        ICACHE_PRELOAD_OP_FAULT=bit(1, "ro"),
        MMU_ENTRY_FAULT=bit(5),
        IBUS_CNT_OVF=bit(7),
        DBUS_CNT_OVF=bit(8),
    )
    CACHE_ILG_INT_CLR = Register(
        0x7C,
        0,
        "wo",
        ICACHE_SYNC_OP_FAULT=bit(0),
        MMU_ENTRY_FAULT=bit(5),
        IBUS_CNT_OVF=bit(7),
        DBUS_CNT_OVF=bit(8),
    )
    CACHE_ILG_INT_ST = Register(
        0x80,
        0,
        "ro",
        ICACHE_SYNC_OP_FAULT=bit(0),
        ICACHE_PRELOAD_OP_FAULT=bit(1),
        MMU_ENTRY_FAULT=bit(5),
        IBUS_ACS_CNT_OVF=bit(7),
        IBUS_ACS_MISS_CNT_OVF=bit(8),
        DBUS_ACS_CNT_OVF=bit(9),
        DBUS_ACS_FLASH_MISS_CNT_OVF=bit(10),
    )
    CACHE_STATE = Register(0xB0, 0x0001, "ro", ICACHE_STATE=bits(11, 0))

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self.on_invalidate: Callable[[], None] = lambda: None
        """The firmware empties the cache."""
        self.on_switch: Callable[[bool], None] = lambda _readable: None
        """Code in flash can be fetched from now on, or no longer."""

    def reset(self) -> None:
        """The cache is on, both buses open."""
        super().reset()
        # FIDELITY: the state in which the ROM leaves the cache is put there at reset; on silicon
        # the ROM's code does it; hides nothing from a program that the ROM starts.
        self.ICACHE_CTRL["ICACHE_ENABLE"] = 1
        self.ICACHE_CTRL1.value = 0

    @property
    def enabled(self) -> bool:
        """Whether fetches from flash work."""
        return bool(self.ICACHE_CTRL["ICACHE_ENABLE"] and not self.ICACHE_CTRL1["ICACHE_SHUT_IBUS"])

    def write_ICACHE_CTRL(self, value: int, old: int) -> None:
        """Switches the cache."""
        self.on_switch(self.enabled)

    def write_ICACHE_CTRL1(self, value: int, old: int) -> None:
        """Shuts its buses."""
        self.on_switch(self.enabled)

    def fetched_while_off(self, address: int) -> None:
        """Code in flash is about to run while the cache is off or shut."""
        # FIDELITY: flash stays readable with the cache off or shut, and a load from it is not
        # reported; silicon returns rubbish and the CPU goes astray; code is reported here, not
        # played.
        self.tell(
            "cache-off",
            f"code in flash at {address:#x} with the flash cache switched off or shut: it reads "
            "as nothing",
        )

    def write_ICACHE_SYNC_CTRL(self, value: int, old: int) -> None:
        """Invalidates the cache."""
        if self.ICACHE_SYNC_CTRL["ICACHE_INVALIDATE_ENA"]:
            self.on_invalidate()
        self.ICACHE_SYNC_CTRL["ICACHE_INVALIDATE_ENA"] = 0
        self.ICACHE_SYNC_CTRL["ICACHE_SYNC_DONE"] = 1

    def write_ICACHE_PRELOAD_CTRL(self, value: int, old: int) -> None:
        """Preloading."""
        if self.ICACHE_PRELOAD_CTRL["ICACHE_PRELOAD_ENA"]:
            self.not_modelled("ICACHE_PRELOAD_CTRL.ICACHE_PRELOAD_ENA=1: preloading the cache")
            self.ICACHE_PRELOAD_CTRL["ICACHE_PRELOAD_ENA"] = 0

    def write_ICACHE_LOCK_CTRL(self, value: int, old: int) -> None:
        """Locking lines."""
        if self.ICACHE_LOCK_CTRL["ICACHE_LOCK_ENA"]:
            self.not_modelled("ICACHE_LOCK_CTRL.ICACHE_LOCK_ENA=1: locking cache lines")


class MmuTable(GatedPeripheral):
    """The pages of flash behind the windows: 1:1, as the ROM maps them for direct boot.

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
        """The ROM maps the first 4 MB 1:1."""
        super().reset()
        for number in range(MMU_ENTRIES):
            mapped = number < FLASH_SIZE // PAGE_SIZE
            self.registers[f"ENTRY{number}"].value = number if mapped else 1 << 8

    def write_ENTRY(self, number: int, value: int, old: int) -> None:
        """Maps a page."""
        if value != old:
            self.not_modelled(f"ENTRY{number}={value:#x}: mapping other than the ROM's, 1:1")
