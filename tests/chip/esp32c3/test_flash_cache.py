"""The cost of a miss of the flash cache, and the cache's registers."""

from __future__ import annotations

from facet.chip.esp32c3 import memory_map as mm
from tests.chip.esp32c3.mcu import Mcu


def test_the_flash_is_read_on_one_line_at_a_quarter_of_the_clock_at_first(mcu: Mcu) -> None:
    assert (mcu.chip.flash_spi.read_mode, mcu.chip.flash_spi.hz) == ("fast", 10_000_000)
    mcu.run_at_160_mhz()
    assert mcu.chip.flash_spi.hz == 20_000_000


def test_firmware_makes_the_flash_faster(mcu: Mcu) -> None:
    changes: list[str] = []
    mcu.chip.flash_spi.on_change = lambda: changes.append(mcu.chip.flash_spi.read_mode)
    mcu.run_at_160_mhz()
    mcu.write("SPI0_CLOCK", 1 << 31)
    mcu.set("SPI0_CTRL", 1 << 24)
    assert changes == ["fast", "qio"]
    assert mcu.chip.flash_spi.hz == 80_000_000


def test_the_cache_is_invalidated(mcu: Mcu) -> None:
    emptied: list[bool] = []
    mcu.chip.extmem.on_invalidate = lambda: emptied.append(True)
    mcu.write("EXTMEM_ICACHE_SYNC_CTRL", 1)
    assert emptied
    assert mcu.field("EXTMEM_ICACHE_SYNC_CTRL", 1)


def test_code_in_sram_may_switch_the_cache_off_and_on(mcu: Mcu) -> None:
    """As ESP-IDF does to set the flash's speed."""
    mcu.write("EXTMEM_ICACHE_CTRL", 0)
    mcu.write("EXTMEM_ICACHE_CTRL1", 3)
    mcu.write("EXTMEM_ICACHE_CTRL1", 0)
    mcu.write("EXTMEM_ICACHE_CTRL", 1)
    assert mcu.rules == []


def test_the_cache_is_off_until_the_rom_switches_it_on(mcu: Mcu) -> None:
    assert [window.base for window in mcu.chip.mmu.windows()] == [mm.IROM_BASE, mm.DROM_BASE]
    mcu.chip.reset("software")
    assert mcu.chip.mmu.windows() == []
    rule, why = mcu.chip.mmu.why_unmapped(mm.IROM_BASE) or ("", "")
    assert (rule, "the flash cache is off" in why) == ("cache-off", True)


def test_a_bus_of_the_cache_can_be_shut(mcu: Mcu) -> None:
    mcu.write("EXTMEM_ICACHE_CTRL1", 2)
    assert [window.base for window in mcu.chip.mmu.windows()] == [mm.IROM_BASE]
    rule, why = mcu.chip.mmu.why_unmapped(mm.DROM_BASE) or ("", "")
    assert (rule, "ICACHE_SHUT_DBUS=1" in why) == ("cache-off", True)
    assert mcu.rules == []


def test_adjacent_pages_make_one_window(mcu: Mcu) -> None:
    for page in range(64):
        mcu.write(f"MMU_TABLE_ENTRY{page}", 0x100)
    for entry, page in ((2, 7), (3, 8), (5, 9), (6, 9), (7, 64 + 10)):
        mcu.write(f"MMU_TABLE_ENTRY{entry}", page)
    mcu.write("EXTMEM_ICACHE_CTRL1", 2)  # code alone
    windows = [(each.base, each.size, each.alias_of) for each in mcu.chip.mmu.windows()]
    page = 0x1_0000
    assert windows == [
        (mm.IROM_BASE + 2 * page, 2 * page, mm.FLASH_BASE + 7 * page),
        (mm.IROM_BASE + 5 * page, page, mm.FLASH_BASE + 9 * page),
        # The flash of 64 pages ignores the bits above.
        (mm.IROM_BASE + 6 * page, 2 * page, mm.FLASH_BASE + 9 * page),
    ]


def test_the_cache_reports_that_it_is_frozen(mcu: Mcu) -> None:
    mcu.write("EXTMEM_ICACHE_FREEZE", 3)
    assert mcu.read("EXTMEM_ICACHE_FREEZE") == 7


def test_the_mac_address_and_the_revision_are_burnt_in(mcu: Mcu) -> None:
    assert mcu.read("EFUSE_RD_MAC_SPI_SYS_0") == 0xA1FA_CE70
    assert mcu.read("EFUSE_RD_MAC_SPI_SYS_1") & 0xFFFF == 0x7CDF
    assert mcu.field("EFUSE_RD_MAC_SPI_SYS_3", 18, 3) == 4


def test_random_numbers_differ_and_repeat_with_the_seed() -> None:
    runs = []
    for seed in (1, 1, 2):
        mcu = Mcu(seed=seed)
        runs.append([mcu.read("APB_CTRL_RND_DATA") for _ in range(10)])
    assert len(set(runs[0])) == 10
    assert runs[0] == runs[1]
    assert not set(runs[0]) & set(runs[2])
