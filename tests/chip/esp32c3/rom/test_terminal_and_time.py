"""The ROM's functions for UART0, printing, clocks, watchdogs, resets and the eFuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.machine import Machine
from facet.time import ms, s, us
from tests.chip.esp32c3 import programs
from tests.chip.esp32c3.rom.evaluate import BOARD, check, program, run

BANNER_END = "FLASH_BOOT)\r\n"


def printed(prelude: str, body: str, folder: Path) -> str:
    machine = run(prelude, body, folder, ms(60))
    assert machine.diagnostics.violations == []
    return machine.terminal.text.partition(BANNER_END)[2]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('"%5d|%-5d|%05d|%.3d", -42, -42, -42, 7', "  -42|-42  |-0042|007"),
        ('"%ld %lld %llu", -5l, -5ll, ~0ull', "-5 -5 18446744073709551615"),
        ('"%X %#", 0xbeef', "BEEF %#"),
        ('"%.2s|%4s|%s", "facet", "x", (char *)0', "fa|   x|<null>"),
        ('"%i"', "%i"),  # not one of the ROM's conversions
        ('"100%%\\r\\n"', "100%\r\n"),
        ('"%p", (void *)0x40380000', "0x40380000"),
    ],
)
def test_printing(arguments: str, text: str, tmp_path: Path) -> None:
    """As esp_rom_print.c of ESP-IDF does for chips without this in ROM."""
    assert printed("", f"  ets_printf({arguments});", tmp_path) == text


def test_output_goes_where_it_is_installed(tmp_path: Path) -> None:
    prelude = """
    static char seen[8];
    static int count;
    static void keep(char c) { seen[count++] = c; }
    """
    body = """
    ets_install_putc1(0), ets_install_putc2(keep), ets_printf("quiet");
    ets_install_putc2(0), ets_install_uart_printf();
    ets_printf("%s %d, channel %d", seen, count, ets_get_printf_channel());
    """
    assert printed(prelude, body, tmp_path) == "quiet 5, channel 0"


def test_lines_are_received(tmp_path: Path) -> None:
    body = """
    uint8_t text[8];
    UartRxString(text, 4), ets_printf("<%s>", text);
    UartRxString(text, 8), ets_printf("<%s>", text);
    ets_printf("%d", uart_rx_one_char(text)), ets_printf("%c", uart_rx_one_char_block());
    """
    machine = Machine(BOARD, programs.build(program("", body), tmp_path))
    machine.terminal.send(b"facet\rok\n", ms(20))
    machine.terminal.send(b"!", ms(40))
    machine.run(ms(50))
    assert machine.terminal.text.endswith("<fac><ok>1!")


def test_the_terminals_speed(tmp_path: Path) -> None:
    prelude = """
    #define CLKDIV REG(0x60000014)
    static uint8_t buffer[16];
    """
    check(
        {
            "(uart_tx_flush(0), uart_div_modify(0, (40000000 << 4) / 19200), CLKDIV & 0xFFF)": 2083,
            "CLKDIV >> 20": 5,  # sixteenths
            "(Uart_Init(0, 40000000), CLKDIV & 0xFFF)": 347,
            "(uartAttach(buffer), GetUartDevice()[0])": 115_200,
        },
        tmp_path,
        prelude=prelude,
    )


def test_clocks(tmp_path: Path) -> None:
    check(
        {
            "ets_get_cpu_frequency()": 20,
            "(ets_update_cpu_frequency(80), ets_get_cpu_frequency())": 80,
            "ets_get_xtal_freq()": 40_000_000,
            "ets_get_apb_freq()": 40_000_000 >> 12 << 12,
            "REG(0x600080BC) /* stored twice */": (40_000_000 >> 12) * 0x1_0001,
            "(REG(0x600080BC) = 0x4C4B4C4B, ets_get_apb_freq())": 0x4C4B << 12,
            "ets_get_xtal_div()": 2,
            "(ets_set_xtal_div(1), REG(0x600C0058) & 0x3FF)": 0,
        },
        tmp_path,
    )


def test_waiting_follows_the_frequency_that_was_set(tmp_path: Path) -> None:
    body = """
    uart_tx_one_char('<'), uart_tx_wait_idle(0), ets_delay_us(500);
    uart_tx_one_char('|'), uart_tx_wait_idle(0), ets_update_cpu_frequency(40), ets_delay_us(500);
    uart_tx_one_char('>');
    """
    terminal = run("", body, tmp_path).terminal
    first, second, third = (terminal.times[terminal.data.rindex(char)] for char in b"<|>")
    frame = us(10_000_000 / 115_211)
    assert abs(second - first - frame - us(500)) < us(10)
    assert abs(third - second - frame - us(1000)) < us(50)  # code from a cold cache


def test_watchdogs_of_the_boot_are_stopped(tmp_path: Path) -> None:
    """The super watchdog, which no boot starts, is the program's to feed."""
    body = "  disable_default_watchdog();"
    source = program("", body).replace("  stop_watchdogs();\n", "")
    machine = Machine(BOARD, programs.build(source, tmp_path))
    machine.run(s(1.9))
    assert machine.terminal.text.count("rst:") == 1


@pytest.mark.parametrize(
    ("call", "cause"),
    [
        ("software_reset()", "0x3 (RTC_SW_SYS_RST)"),
        ("software_reset_cpu(0)", "0xc (RTC_SW_CPU_RST)"),
    ],
)
def test_resets(call: str, cause: str, tmp_path: Path) -> None:
    body = f"""
    if (rtc_get_reset_reason(0) == 1) {call};
    ets_printf("after %d, woken by %d", rtc_get_reset_reason(0), rtc_get_wakeup_cause());
    """
    text = run("", body, tmp_path, ms(80)).terminal.text
    assert f"rst:{cause},boot:0xc" in text
    assert text.endswith(f"after {int(cause.split()[0], 16)}, woken by 0")


STUB = """
__attribute__((section(".sram"), noinline, noreturn)) void stub(void) {
  for (const char *c = (const char *)0x50000100; *c; c++) REG(0x60000000) = *c;
  for (;;) {}
}
extern char _sram_load[];
static void prepare(void) {
  memcpy((void *)0x50000000, _sram_load, 256);
  strcpy((char *)0x50000100, "the stub");
  REG(0x600080C0) = 0x50000000; /* RTC_ENTRY_ADDR_REG */
}
"""


def test_a_wake_up_from_deep_sleep_starts_the_stub_in_rtc_memory(tmp_path: Path) -> None:
    body = "  prepare(), set_rtc_memory_crc();\n  sleep(1360, 1);"
    machine = run(STUB, body, tmp_path, ms(60))
    assert machine.terminal.text.endswith(
        "rst:0x5 (DSLEEP),boot:0xc (SPI_FAST_FLASH_BOOT)\r\nthe stub"
    )
    assert machine.diagnostics.violations == []


def test_a_stub_whose_memory_has_changed_is_not_started(tmp_path: Path) -> None:
    body = """
    if (rtc_get_reset_reason(0) == 1) {
      prepare(), set_rtc_memory_crc(), ((char *)0x50000100)[0] = 'T';
      sleep(1360, 1);
    }
    ets_printf("the program");
    """
    assert run(STUB, body, tmp_path, ms(60)).terminal.text.endswith("the program")


def test_what_the_boot_control_answers(tmp_path: Path) -> None:
    prelude = STUB + "static uint32_t entry = 0;"
    check(
        {
            "(prepare(), set_rtc_memory_crc(), cacl_rtc_memory_crc() == REG(0x600080C4))": 1,
            "rtc_boot_control(&entry, 5)": 1,
            "entry": 0x5000_0000,
            "rtc_boot_control(&entry, 1)": 0,
            "(ets_apb_backup_init_lock_func(0, 0), entry)": 0,
        },
        tmp_path,
        prelude=prelude,
    )


def test_fuses(tmp_path: Path) -> None:
    """Nothing is burnt but the address and the revision."""
    check(
        {
            "ets_efuse_get_read_register_address(0)": 0x6000_882C,
            "ets_efuse_get_read_register_address(1)": 0x6000_8844,
            "ets_efuse_get_read_register_address(4)": 0x6000_889C,
            "ets_efuse_get_read_register_address(11)": 0,
            "ets_efuse_get_key_purpose(4) + ets_efuse_get_key_purpose(9)": 0,
            "ets_efuse_find_purpose(9, 0)": 0,
            "ets_efuse_key_block_unused(4)": 1,
            "ets_efuse_key_block_unused(3)": 0,
            "ets_efuse_find_unused_key_block()": 4,
            "ets_efuse_count_unused_key_blocks()": 6,
            "ets_efuse_get_spiconfig()": 0,
            "ets_efuse_get_wp_pad()": 0x3F,
            "ets_efuse_get_flash_delay_us()": 0,
            "ets_efuse_get_uart_print_control()": 0,
            "ets_efuse_secure_boot_enabled() | ets_efuse_secure_boot_aggressive_revoke_enabled() | "
            "ets_efuse_cache_encryption_enabled() | ets_efuse_download_modes_disabled() | "
            "ets_efuse_force_send_resume() | ets_efuse_legacy_spi_boot_mode_disabled() | "
            "ets_efuse_usb_serial_jtag_print_is_disabled() | "
            "ets_efuse_usb_download_mode_disabled() | "
            "ets_efuse_security_download_modes_enabled()": 0,
        },
        tmp_path,
    )
