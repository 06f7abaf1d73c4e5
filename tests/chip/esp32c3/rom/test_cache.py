"""The ROM's functions for the flash cache and its MMU, from a program that runs in SRAM."""

from __future__ import annotations

from pathlib import Path

from tests.chip.esp32c3.rom.evaluate import check, run

IN_SRAM = """
#define IN_SRAM __attribute__((section(".sram"), noinline))
#define ICACHE_CTRL REG(0x600C4000)
#define ICACHE_CTRL1 REG(0x600C4004)
#define AUTOLOAD REG(0x600C4040)
#define FREEZE REG(0x600C40CC)
#define ENTRY(n) REG(0x600C5000 + 4 * (n))
static struct cache_mode mode;
extern char _sram_load[], _sram_size[];
static int in_sram(int (*function)(void)) {
  memcpy((void *)0x403B0000, _sram_load, (uint32_t)_sram_size + 3 & ~3u);
  return function();
}
"""


def test_what_the_cache_is(tmp_path: Path) -> None:
    check(
        {
            "Cache_Get_ICache_Line_Size()": 32,
            "(Cache_Get_Mode(&mode), mode.cache_size)": 16 << 10,
            "mode.cache_line_size": 32,
            "mode.cache_ways": 8,
            "Cache_Address_Through_IBus(0x427FFFFF) + Cache_Address_Through_IBus(0x42800000)": 1,
            "Cache_Address_Through_DBus(0x3C000000) + Cache_Address_Through_DBus(0x3FC80000)": 1,
            "Cache_Get_IROM_MMU_End()": 0x100,
            "(Cache_Set_IDROM_MMU_Size(0x40, 0x1C0), Cache_Get_IROM_MMU_End())": 0x40,
            "Cache_Get_DROM_MMU_End()": 0x200,
        },
        tmp_path,
        prelude=IN_SRAM,
    )


def test_the_cache_is_emptied(tmp_path: Path) -> None:
    check(
        {
            "(Cache_Invalidate_ICache_All(), 1)": 1,
            "(Cache_Invalidate_ICache_Items(0x42000010, 3), REG(0x600C402C))": 0x4200_0000,
            "REG(0x600C4030)": 96,
            "Cache_Invalidate_Addr(0x3C00003F, 2)": 0,
            "REG(0x600C402C)": 0x3C00_0020,
            "REG(0x600C4030) /* two lines */": 64,
            "Cache_Invalidate_Addr(0x3FC80000, 4)": 1,
            "Cache_Invalidate_Addr(0x3C000000, 0)": 0,
        },
        tmp_path,
        prelude=IN_SRAM,
    )


def test_automatic_loading_goes_on_and_off(tmp_path: Path) -> None:
    check(
        {
            "(Cache_Enable_ICache_Autoload(), AUTOLOAD >> 2 & 1)": 1,
            "!!Cache_Suspend_ICache_Autoload()": 1,
            "AUTOLOAD >> 2 & 1": 0,
            "(Cache_Resume_ICache_Autoload(4), AUTOLOAD >> 2 & 1 /* resumed */)": 1,
            "(Cache_Disable_ICache_Autoload(), AUTOLOAD >> 2 & 1 /* off */)": 0,
            "Cache_Suspend_ICache_Autoload()": 0,
        },
        tmp_path,
        prelude=IN_SRAM,
    )


def test_the_cache_is_frozen(tmp_path: Path) -> None:
    check(
        {
            "(Cache_Freeze_ICache_Enable(1), FREEZE)": 7,
            "(Cache_Freeze_ICache_Disable(), FREEZE /* no more */)": 0,
        },
        tmp_path,
        prelude=IN_SRAM,
    )


def test_loading_ahead_and_locking_are_asked_of_the_hardware(tmp_path: Path) -> None:
    body = """
    uint32_t before = Cache_Start_ICache_Preload(0x42000000, 64, 0);
    volatile uint32_t *results = (void *)0x3FC90000;
    results[0] = REG(0x600C403C), results[1] = !!Cache_ICache_Preload_Done();
    Cache_End_ICache_Preload(before);
    results[2] = Cache_Lock_Addr(0x42000010, 40), results[3] = REG(0x600C4024);
    results[4] = Cache_Unlock_Addr(0x3FC80000, 40);
    Cache_Lock_ICache_Items(0x42000000, 1), Cache_Unlock_ICache_Items(0x42000000, 1);
    Cache_Unlock_Addr(0x42000010, 40);
    """
    machine = run("", body, tmp_path)
    words = machine.read_memory(0x3FC9_0000, 20)
    assert [int.from_bytes(words[n : n + 4], "little") for n in range(0, 20, 4)] == [
        *(64, 1, 0, 64, 1)
    ]
    assert {each.rule for each in machine.diagnostics.violations} == {"not-modelled"}


def test_pages_are_mapped(tmp_path: Path) -> None:
    check(
        {
            "Cache_Dbus_MMU_Set(0, 0x3C500000, 0x10000, 64, 2, 0)": 0,
            "ENTRY(0x50) << 16 | ENTRY(0x51)": 0x0001_0002,
            "Cache_Ibus_MMU_Set(0, 0x42600000, 0x30000, 64, 2, 1)": 0,
            "ENTRY(0x60) << 16 | ENTRY(0x61)": 0x0003_0003,
            "Cache_Ibus_MMU_Set(0x100, 0x42600000, 0, 64, 1, 0)": 0,
            "ENTRY(0x60)": 0x100,
            "Cache_Dbus_MMU_Set(0, 0x3C500010, 0, 64, 1, 0)": 2,
            "Cache_Dbus_MMU_Set(0, 0x3C500000, 0, 32, 1, 0)": 3,
            "Cache_Dbus_MMU_Set(0, 0x3C800000, 0, 64, 1, 0)": 4,
            "Cache_Dbus_MMU_Set(0, 0x3C7F0000, 0, 64, 2, 0)": 4,
            "ENTRY(0x52)": 0x100,
        },
        tmp_path,
        prelude=IN_SRAM,
    )


def test_another_mapping_shows_other_flash(tmp_path: Path) -> None:
    prelude = """
    static uint32_t at(uint32_t address) { return *(volatile uint32_t *)address; }
    static uint32_t map(uint32_t physical) {
      Cache_Dbus_MMU_Set(0, 0x3C500000, physical, 64, 1, 0);
      Cache_Invalidate_ICache_All();
      return at(0x3C500000);
    }
    """
    values = {"map(0)": 0xAEDB_041D, "map(0x10000)": 0xFFFF_FFFF, "at(0x42500000)": 0xFFFF_FFFF}
    check(values, tmp_path, prelude=prelude)


def test_a_program_in_sram_switches_the_cache(tmp_path: Path) -> None:
    prelude = (
        IN_SRAM
        + """
    IN_SRAM int switches(void) {
      uint32_t autoload = Cache_Disable_ICache(), off = !ICACHE_CTRL;
      Cache_MMU_Init();
      uint32_t empty = ENTRY(0) == 0x100 && ENTRY(127) == 0x100;
      Cache_Dbus_MMU_Set(0, 0x3C000000, 0, 64, 64, 0);
      Cache_Enable_ICache(autoload);
      uint32_t on = ICACHE_CTRL;
      autoload = Cache_Suspend_ICache();
      uint32_t suspended = !ICACHE_CTRL;
      Cache_Resume_ICache(autoload);
      Cache_Mask_All();
      uint32_t shut = ICACHE_CTRL1;
      Cache_UnMask_Dram0();
      uint32_t half = ICACHE_CTRL1;
      ROM_Boot_Cache_Init();
      uint32_t open = ICACHE_CTRL1 == 0 && ICACHE_CTRL;
      Cache_Dbus_MMU_Set(0, 0x3C000000, 0, 64, 64, 0);
      Cache_Invalidate_ICache_All();
      uint32_t buses = (shut == 3) << 1 | (half == 1 && open);
      return off << 5 | empty << 4 | on << 3 | suspended << 2 | buses;
    }
    """
    )
    check({"in_sram(switches)": 0b11_1111}, tmp_path, prelude=prelude)


def test_flash_is_there_as_soon_as_the_cache_is_on(tmp_path: Path) -> None:
    """The load, and the return to flash, follow the store that switches the cache on."""
    prelude = (
        IN_SRAM
        + """
    IN_SRAM int reads(void) {
      ICACHE_CTRL = 0;
      while (ICACHE_CTRL) {}
      ICACHE_CTRL = 1;
      return *(volatile int *)0x3C000000;
    }
    IN_SRAM int returns(void) {
      ICACHE_CTRL = 0;
      while (ICACHE_CTRL) {}
      ICACHE_CTRL = 1;
      return 5;
    }
    """
    )
    check(
        {"in_sram(reads)": 0xFFFF_FFFF_AEDB_041D, "in_sram(returns)": 5}, tmp_path, prelude=prelude
    )


def test_code_in_flash_that_runs_without_the_cache_is_reported(tmp_path: Path) -> None:
    """The report is about the fetch after the call that switched the cache off."""
    machine = run("", "  Cache_Disable_ICache();", tmp_path)
    first = machine.diagnostics.violations[0]
    assert first.rule == "cache-off"
    assert "the flash cache is off (EXTMEM_ICACHE_CTRL.ICACHE_ENABLE=0)" in first.message


def test_a_read_from_a_page_that_is_not_mapped_is_a_fault(tmp_path: Path) -> None:
    body = "  volatile uint32_t word = *(volatile uint32_t *)0x3C500000; (void)word;"
    machine = run("", body, tmp_path)
    first = machine.diagnostics.violations[0]
    assert "read of 0x3c500000, where no flash is mapped (MMU_TABLE_ENTRY80=0x100)" in first.message
