"""What a miss of the flash cache depends on, and the cache's registers."""

from __future__ import annotations

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


def test_code_in_flash_that_runs_while_the_cache_is_off_is_reported(mcu: Mcu) -> None:
    switched: list[bool] = []
    mcu.chip.extmem.on_switch = switched.append
    mcu.write("EXTMEM_ICACHE_CTRL", 0)
    assert (switched, mcu.rules) == ([False], [])
    mcu.chip.extmem.fetched_while_off(0x4200_0010)
    assert mcu.rules == ["cache-off"]
    mcu.write("EXTMEM_ICACHE_CTRL", 1)
    assert switched == [False, True]


def test_a_reset_switches_the_cache_on(mcu: Mcu) -> None:
    switched: list[bool] = []
    mcu.chip.extmem.on_switch = switched.append
    mcu.write("EXTMEM_ICACHE_CTRL1", 3)
    mcu.reset("rtc watchdog")
    assert switched == [False, True]


def test_code_in_sram_may_switch_the_cache_off_and_on(mcu: Mcu) -> None:
    """As ESP-IDF does to set the flash's speed."""
    mcu.write("EXTMEM_ICACHE_CTRL", 0)
    mcu.write("EXTMEM_ICACHE_CTRL1", 3)
    mcu.write("EXTMEM_ICACHE_CTRL1", 0)
    mcu.write("EXTMEM_ICACHE_CTRL", 1)
    assert mcu.rules == []


def test_another_mapping_is_not_modelled(mcu: Mcu) -> None:
    mcu.write("MMU_TABLE_ENTRY3", 3)
    assert mcu.rules == []
    mcu.write("MMU_TABLE_ENTRY3", 4)
    assert mcu.rules == ["not-modelled"]


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
