"""The ROM's functions for the flash, which go through SPI1 to the model of the chip."""

from __future__ import annotations

from pathlib import Path

from facet.chip.esp32c3.memory_map import FLASH_BASE
from facet.time import s
from tests.chip.esp32c3.rom.evaluate import check, run

PRELUDE = """
static uint32_t data[80], status;
static uint32_t read(uint32_t from) { return esp_rom_spiflash_read(from, data, 4) ? ~0u : data[0]; }
static void fill(uint32_t seed) { for (uint32_t n = 0; n < 80; n++) data[n] = seed + n; }
#define SPI0_CTRL REG(0x60003008)
#define SPI0_CLOCK REG(0x60003014)
#define SPI1_CLOCK REG(0x60002014)
#define READ_MODE (SPI0_CTRL & 0x01906000)
"""


def test_the_flash_is_read(tmp_path: Path) -> None:
    check(
        {
            "FLASH_CHIP->chip_size": 4 << 20,
            "esp_rom_spiflash_read(0, data, 320)": 0,
            "data[0] == 0xAEDB041D && data[1] == data[0]": 1,
            "memcmp(data, (void *)0x3C000000, 320)": 0,
            "esp_rom_spiflash_read(2, data, 4)": 1,
            "esp_rom_spiflash_read(0x3FFFFC, data, 8)": 1,
            "esp_rom_spiflash_read_user_cmd(&status, 0x9F)": 0,
            "status": 0xEF,
        },
        tmp_path,
        prelude=PRELUDE,
    )


def test_the_flash_is_erased_and_programmed(tmp_path: Path) -> None:
    check(
        {
            "(fill(0x100), esp_rom_spiflash_write(0x1000F8, data, 320))": 0,  # over a page's end
            "esp_rom_spiflash_read(0x1000F8, data, 320)": 0,
            "data[0] << 16 | data[79]": 0x0100_014F,
            "(fill(0x200), esp_rom_spiflash_write(0x101000, data, 8))": 0,
            "esp_rom_spiflash_erase_sector(0x100)": 0,
            "read(0x1000F8) == ~0u && read(0x101000) == 0x200": 1,
            "esp_rom_spiflash_write(0x10FFFC, data, 4)": 0,
            "esp_rom_spiflash_erase_block(0x10)": 0,
            "read(0x101000) == ~0u && read(0x10FFFC) == ~0u": 1,
            "(fill(0x300), esp_rom_spiflash_write(0x200000, data, 4))": 0,
            "esp_rom_spiflash_write(0x212000, data, 4)": 0,
            "esp_rom_spiflash_write(0x213000, data, 4)": 0,
            "SPIEraseArea(0x200000, 0x13000)": 0,  # a block, then three sectors
            "read(0x200000) == ~0u && read(0x212000) == ~0u && read(0x213000) == 0x300": 1,
            "SPIEraseArea(0x200100, 0x1000)": 1,
            "esp_rom_spiflash_write(0x400000, data, 4)": 1,
            "esp_rom_spiflash_erase_sector(0x400)": 1,
        },
        tmp_path,
        prelude=PRELUDE,
        span=s(1.2),
    )


def test_what_was_programmed_is_seen_through_the_cache(tmp_path: Path) -> None:
    body = """
    fill(0xFACE7);
    esp_rom_spiflash_write(0x3000, data, 4);
    Cache_Invalidate_Addr(0x3C003000, 4);
    ets_printf("%x", *(volatile uint32_t *)0x3C003000);
    """
    assert run(PRELUDE, body, tmp_path).terminal.text.endswith("face7")


def test_the_whole_flash_is_erased(tmp_path: Path) -> None:
    """From code in SRAM; the typical 10 s of the datasheet."""
    prelude = (
        PRELUDE
        + """
    extern char _sram_load[], _sram_size[];
    __attribute__((section(".sram"), noinline)) void erase(void) {
      esp_rom_spiflash_erase_chip();
      *(volatile uint32_t *)0x3FC90000 = 1;
      for (;;) {}
    }
    """
    )
    body = "  memcpy((void *)0x403B0000, _sram_load, (uint32_t)_sram_size + 3 & ~3u);\n"
    body += "  *(volatile uint32_t *)0x3FC90000 = 0;\n  erase();"
    machine = run(prelude, body, tmp_path, s(0.1))
    assert machine.read_memory(FLASH_BASE, 64) == b"\xff" * 64
    assert machine.read_memory(0x3FC9_0000, 1) == b"\0"  # still busy
    assert machine.diagnostics.violations == []


def test_the_status(tmp_path: Path) -> None:
    check(
        {
            "(esp_rom_spiflash_read_status(FLASH_CHIP, &status), status)": 0,
            "(SPI_write_enable(FLASH_CHIP), esp_rom_spiflash_read_user_cmd(&status, 5), status)": 2,
            "(esp_rom_spiflash_write_disable(), "
            "esp_rom_spiflash_read_user_cmd(&status, 5), status)": 0,
            "(SPI_write_enable(FLASH_CHIP), REG(0x60002008) |= 1 << 22, "
            "esp_rom_spiflash_write_status(FLASH_CHIP, 0x21C))": 0,
            "(esp_rom_spiflash_read_status(FLASH_CHIP, &status), status & 0xFF)": 0x1C,
            "(esp_rom_spiflash_read_statushigh(FLASH_CHIP, &status), status)": 0x200,
            "esp_rom_spiflash_unlock()": 0,
            "(esp_rom_spiflash_read_status(FLASH_CHIP, &status), status & 0xFF /* unlocked */)": 0,
            "(esp_rom_spiflash_read_statushigh(FLASH_CHIP, &status), status /* QE stays */)": 0x200,
            "esp_rom_spiflash_wait_idle(FLASH_CHIP)": 0,
        },
        tmp_path,
        prelude=PRELUDE,
        span=s(0.1),
    )


def test_how_the_flash_is_read(tmp_path: Path) -> None:
    check(
        {
            "(esp_rom_spiflash_config_readmode(0), READ_MODE) /* QIO */": 0x0110_2000,
            "(esp_rom_spiflash_config_readmode(1), READ_MODE) /* QOUT */": 0x0010_2000,
            "(esp_rom_spiflash_config_readmode(2), READ_MODE) /* DIO */": 0x0080_6000,
            "(esp_rom_spiflash_config_readmode(3), READ_MODE) /* DOUT */": 0x0000_6000,
            "(esp_rom_spiflash_config_readmode(4), READ_MODE) /* fast */": 0x0000_2000,
            "(esp_rom_spiflash_config_readmode(5), READ_MODE) /* slow */": 0,
            "esp_rom_spiflash_config_readmode(6)": 1,
            "(esp_rom_spiflash_config_clk(1, 0), SPI0_CLOCK)": 1 << 31,
            "(esp_rom_spiflash_config_clk(4, 1), SPI1_CLOCK)": 0x0003_0103,
            "esp_rom_spiflash_config_clk(0, 0)": 1,
            "(esp_rom_spiflash_attach(0, false), SPI0_CLOCK)": 0x0003_0103,
            "READ_MODE": 0,
            "esp_rom_spiflash_config_param(1, 2 << 20, 65536, 4096, 256, 0xFFFF)": 0,
            "FLASH_CHIP->chip_size": 2 << 20,
            "esp_rom_spiflash_read(2 << 20, data, 4)": 1,
            "(spi_dummy_len_fix(0, 1), SelectSpiFunction(0), SetSpiDrvs(0, 0, 0), "
            "esp_rom_spiflash_select_qio_pins(0, 0), 1)": 1,
        },
        tmp_path,
        prelude=PRELUDE,
    )
