"""From reset to the program: what the ROM checks, says, and starts."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from facet.board.board import load
from facet.chip.esp32c3 import esp_image
from facet.chip.esp32c3.memory_map import FLASH_BASE
from facet.firmware.elf import Firmware
from facet.machine import Machine
from facet.time import ms, s
from tests.chip.esp32c3 import images, programs

BARE = replace(load("esp32c3_devkitm"), parts=())

BANNER = "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n"

STANDS_STILL = "void program(void) { for (;;) {} }"

COUNTS_FROM_EACH_RESET = """
void program(void) {
  uint32_t cycles, restarted = (RTC_RESET_STATE & 63) != 1;
  __asm volatile(".option arch, +zicsr\\n csrr %0, 0x7e2" : "=r"(cycles));
  REG(0x50000000 + 4 * restarted) = cycles;
  stop_watchdogs();
  REG(0x600080B8) = 0x10001; /* RTC_CNTL_STORE4: the ROM says nothing next time */
  if (!restarted) REG(0x60008000) |= 1u << 31; /* SW_SYS_RST */
  for (;;) {}
}
"""

SILENCES_THE_ROM = """
void program(void) {
  stop_watchdogs();
  if ((RTC_RESET_STATE & 63) == 1) {
    REG(0x600080B8) = 0x10001; /* RTC_CNTL_STORE4 */
    REG(0x60008000) |= 1u << 31; /* SW_SYS_RST */
  }
  say("quiet\\r\\n");
  for (;;) {}
}
"""

RESETS_ITSELF = """
void program(void) {
  stop_watchdogs();
  if ((RTC_RESET_STATE & 63) == 1) RESET;
  for (;;) {}
}
"""


def with_flash(data: bytes, folder: Path) -> Machine:
    """A board whose flash holds what a user would not be let write."""
    machine = Machine(BARE, programs.build(programs.HELLO, folder))
    machine.write_memory(FLASH_BASE, data.ljust(0x1000, b"\xff"))
    return machine


def ram_image(folder: Path) -> bytearray:
    """An image of a program for RAM."""
    firmware = Firmware(
        images.build_for_ram(images.SAYS_WHERE_IT_IS, folder), "EM_RISCV", "ESP32-C3"
    )
    return bytearray(esp_image.make(firmware.run_segments, firmware.entry))


def heard_from(flash: bytes, folder: Path) -> str:
    """What the ROM says behind its banner."""
    machine = with_flash(flash, folder)
    machine.run(ms(400))
    return machine.terminal.text.partition("FLASH_BOOT)\r\n")[2]


# -- direct boot
def test_a_program_that_boots_directly_starts_300000_cycles_after_any_reset(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(COUNTS_FROM_EACH_RESET, tmp_path))
    machine.run(ms(40))
    data = machine.read_memory(0x5000_0000, 8)
    loud, silent = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:], "little")
    assert 300_000 <= loud < 301_500  # two lines of the cache are filled at 590 cycles each
    assert loud == silent
    assert machine.terminal.text.count("ESP-ROM") == 1


def test_the_banner_comes_out_of_the_uart_bit_by_bit(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(STANDS_STILL, tmp_path))
    machine.run(ms(15))
    text = BANNER + "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r\n"
    assert machine.terminal.text == text
    first, last = machine.terminal.times[0], machine.terminal.times[-1]
    frame_us = 10e6 / (40e6 / (347 + 3 / 16))
    assert ((last - first) / 1e6) == pytest.approx((len(text) - 1) * frame_us, rel=0.01)


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("REG(0x60008000) |= 1u << 31", "rst:0x3 (RTC_SW_SYS_RST)"),
        ("REG(0x60008000) |= 1 << 5", "rst:0xc (RTC_SW_CPU_RST)"),
        ("sleep(1360, 1)", "rst:0x5 (DSLEEP)"),
        (
            "REG(0x6001F064) = 0x50D83AA1, REG(0x6001F050) = 1, REG(0x6001F04C) = 1 << 16, "
            "REG(0x6001F048) = 1u << 31 | 3 << 29",
            "rst:0x7 (TG0WDT_SYS_RST)",
        ),
    ],
)
def test_the_rom_names_the_reset(how: str, line: str, tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(RESETS_ITSELF.replace("RESET;", how + ";"), tmp_path))
    machine.run(ms(80))
    lines = [each.text for each in machine.terminal.lines if each.text.startswith("rst:")]
    assert lines == [
        "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)",
        f"{line},boot:0xc (SPI_FAST_FLASH_BOOT)",
    ]


def test_a_program_that_never_stops_the_watchdogs_is_reset_again_and_again(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(STANDS_STILL, tmp_path))
    machine.run(s(3))
    lines = [line.text.split(",")[0] for line in machine.terminal.lines if "rst:" in line.text]
    # Timer group 0 resets all but the RTC, where the super watchdog goes on.
    assert lines == ["rst:0x1 (POWERON)", "rst:0x7 (TG0WDT_SYS_RST)", "rst:0x12 (SUPER_WDT_RST)"]


def test_the_rom_is_silent_where_a_program_asks_for_it(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(SILENCES_THE_ROM, tmp_path))
    machine.run(ms(60))
    assert machine.terminal.text.count("ESP-ROM") == 1
    assert machine.terminal.text.endswith("FLASH_BOOT)\r\nquiet\r\n")


# -- the boot pins
def test_a_boot_button_held_at_power_on_means_that_no_program_runs(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(programs.HELLO, tmp_path))
    machine.wiring.net("GPIO9").drive("button", 0)
    machine._reset("power-on")
    machine.run(s(3))
    assert machine.terminal.text == (
        BANNER + "rst:0x1 (POWERON),boot:0x4 (DOWNLOAD(USB/UART0/1))\r\nwaiting for download\r\n"
    )
    assert [violation.rule for violation in machine.diagnostics.violations] == ["download-boot"]


def test_gpio8_is_the_other_boot_pin(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(programs.HELLO, tmp_path))
    for pin in ("GPIO8", "GPIO9"):
        machine.wiring.net(pin).drive("button", 0)
    machine._reset("power-on")
    machine.run(ms(100))
    assert "boot:0x0 (SPI_DOWNLOAD_BOOT)\r\nwait spi download\r\n" in machine.terminal.text
    machine.wiring.net("GPIO9").drive("button", 1)
    machine._reset("power-on")
    machine.run(ms(200))
    assert machine.terminal.text.endswith("boot:0x8 (SPI_FAST_FLASH_BOOT)\r\nhello\r\n")


# -- images
def test_an_image_is_loaded_into_ram_and_started(tmp_path: Path) -> None:
    data = ram_image(tmp_path)
    heard = heard_from(bytes(data), tmp_path)
    lines = heard.split("\r\n")
    assert lines[:2] == ["SPIWP:0xee", "mode:DIO, clock div:1"]
    image = esp_image.read(bytes(data))
    loads = [f"load:{each.address:#010x},len:{len(each.data):#x}" for each in image.segments]
    assert lines[2:-2] == [*loads, f"entry {image.entry:#010x}"]
    assert lines[-2].startswith("here: constant at 0x3fca0")
    assert lines[-2].endswith(", 42, 42")


@pytest.mark.parametrize(
    ("mode", "size_clock", "line"),
    [
        (0, 0x2F, "mode:QIO, clock div:1"),
        (3, 0x20, "mode:DOUT, clock div:2"),
        (2, 0x22, "mode:DIO, clock div:4"),
    ],
)
def test_the_header_says_how_the_flash_is_read(
    mode: int, size_clock: int, line: str, tmp_path: Path
) -> None:
    data = ram_image(tmp_path)
    data[2], data[3], data[23] = mode, size_clock, 0  # without a digest
    heard = heard_from(bytes(data), tmp_path)
    assert line in heard
    assert ", 42, 42\r\n" in heard


def test_an_empty_flash_is_tried_until_a_watchdog_bites(tmp_path: Path) -> None:
    machine = with_flash(b"", tmp_path)
    machine.run(s(1.4))
    text = machine.terminal.text
    assert "SPI_FAST_FLASH_BOOT)\r\ninvalid header: 0xffffffff\r\ninvalid header: " in text
    assert "rst:0x7 (TG0WDT_SYS_RST)" in text


def test_a_wrong_checksum_stops_the_boot(tmp_path: Path) -> None:
    data = ram_image(tmp_path)
    data[40] ^= 0x11
    end = len(data) - 33
    heard = heard_from(bytes(data), tmp_path)
    line = f"Checksum failure. Calculated {data[end] ^ 0x11:#04x} stored {data[end]:#04x}\r\n"
    assert heard.endswith(line + "ets_main.c 333 \r\n")


def test_a_wrong_digest_is_named_and_the_boot_goes_on(tmp_path: Path) -> None:
    data = ram_image(tmp_path)
    data[-1] ^= 1
    heard = heard_from(bytes(data), tmp_path)
    calculated = hashlib.sha256(data[:-32]).hexdigest()
    assert (
        f"SHA-256 comparison failed:\r\nCalculated: {calculated}\r\n"
        f"Expected: {data[-32:].hex()}\r\nAttempting to boot anyway...\r\nentry " in heard
    )
    assert ", 42, 42\r\n" in heard


@pytest.mark.parametrize(
    ("at", "field", "line"),
    [
        (1, b"\x11", "Invalid image block count: 17 (max 16)"),
        (12, b"\x09\x00", "Invalid chip id. Expected 5 read 9. Bootloader for wrong chip?"),
        (28, struct.pack("<I", 0x50_0000), "Invalid image block, can't boot."),
    ],
)
def test_a_header_that_cannot_be_right_stops_the_boot(
    at: int, field: bytes, line: str, tmp_path: Path
) -> None:
    data = ram_image(tmp_path)
    data[at : at + len(field)] = field
    assert heard_from(bytes(data), tmp_path).endswith(line + "\r\nets_main.c 333 \r\n")


# -- RAM
def test_a_program_for_ram_starts_behind_the_download_banner(tmp_path: Path) -> None:
    elf = images.build_for_ram(images.SAYS_WHERE_IT_IS, tmp_path)
    machine = Machine(BARE, elf)
    machine.run(ms(60))
    assert machine.terminal.text.startswith(
        BANNER + "rst:0x1 (POWERON),boot:0x4 (DOWNLOAD(USB/UART0/1))\r\nwaiting for download\r\n"
        "here: constant at 0x3fca0"
    )
    assert machine.terminal.text.endswith(", 42, 42\r\n")
    (note,) = machine.notes
    assert "the program is for RAM" in note
    assert f"started at {Firmware(elf, 'EM_RISCV', 'ESP32-C3').entry:#010x}" in note
    assert machine.diagnostics.violations == []


def test_a_reset_ends_a_program_in_ram(tmp_path: Path) -> None:
    elf = images.build_for_ram("void program(void) { REG(0x60008000) |= 1u << 31; }", tmp_path)
    machine = Machine(BARE, elf)
    machine.run(ms(80))
    # A reset by software leaves the boot pins as they were at power-on.
    assert "rst:0x3 (RTC_SW_SYS_RST),boot:0x4" in machine.terminal.text
