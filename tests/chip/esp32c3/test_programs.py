"""Programs on the whole board: what its serial terminal shows."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from facet.board.board import load
from facet.chip.esp32c3.flash_image import DIRECT_BOOT_MAGIC
from facet.chip.esp32c3.memory_map import SOURCE
from facet.errors import FacetError
from facet.machine import Machine
from facet.state import MCU
from facet.time import Time, ms, s, us
from tests.chip.esp32c3 import programs

BARE = replace(load("esp32c3_devkitm"), parts=())


def run(source: str, folder: Path, span: Time) -> Machine:
    machine = Machine(BARE, programs.build(source, folder))
    machine.run(span)
    return machine


def printed_lines(machine: Machine) -> list[str]:
    """The lines of the program, without those of the ROM."""
    rom = ("ESP-ROM:", "Build:", "rst:")
    return [line.text for line in machine.terminal.lines if not line.text.startswith(rom)]


def test_hello(tmp_path: Path) -> None:
    machine = run(programs.HELLO, tmp_path, ms(20))
    assert printed_lines(machine) == ["hello"]
    assert machine.terminal.lines[2].text == "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)"
    assert machine.diagnostics.violations == []


def test_deep_sleep_restarts_through_the_rom(tmp_path: Path) -> None:
    machine = run(programs.COUNTS_ITS_DEEP_SLEEPS, tmp_path, ms(300))
    assert printed_lines(machine) == [
        "woken 0, SRAM lost",
        "woken 1, SRAM lost",
        "woken 2, SRAM lost",
    ]
    asleep = [
        span for span in machine.trace.spans("mcu", machine.now) if span.state.mode == "deep sleep"
    ]
    assert abs((asleep[0].end - asleep[0].begin) - ms(100)) < ms(1)
    assert "rst:0x5 (DSLEEP)" in machine.terminal.text
    assert machine.diagnostics.violations == []


def test_light_sleep_continues_after_the_store(tmp_path: Path) -> None:
    machine = run(programs.SLEEPS_LIGHTLY, tmp_path, s(2.9))
    assert printed_lines(machine) == ["awake"] * 3
    assert machine.diagnostics.violations == []


def test_the_rom_prints(tmp_path: Path) -> None:
    machine = run(programs.PRINTS, tmp_path, ms(30))
    first = (
        "!-12|   34|56  |00ab|00BEEF12|0x3fc80000|c|text|left  |right|%|-2147483648",
        "74 characters, -05 -5 <",
    )
    received = machine.terminal.text.partition("FLASH_BOOT)\r\n")[2]
    assert received == "\r\n".join(first)
    assert machine.diagnostics.violations == []


def test_the_rom_copies_compares_and_calculates(tmp_path: Path) -> None:
    machine = run(programs.COPIES, tmp_path, ms(30))
    assert machine.terminal.text.endswith("1 1 1 1")
    assert machine.read_memory(0x403A_0000, 8) == machine.read_memory(0x4200_0008, 8)
    assert machine.diagnostics.violations == []


def test_the_rom_waits_and_resets(tmp_path: Path) -> None:
    machine = run(programs.WAITS_1_MS, tmp_path, ms(60))
    terminal = machine.terminal
    before, after = (terminal.times[terminal.data.rindex(char)] for char in (b"<", b">"))
    frame = us(10_000_000 / 115_211)
    assert abs(after - before - us(1000) - frame) < us(10)
    assert "rst:0x3 (RTC_SW_SYS_RST)" in terminal.text
    assert machine.terminal.text.endswith(".")


def test_the_rom_receives(tmp_path: Path) -> None:
    machine = Machine(BARE, programs.build(programs.ECHOES, tmp_path))
    machine.terminal.send(b"HL", ms(20))
    machine.run(ms(30))
    assert machine.terminal.text.endswith("IM")
    assert machine.diagnostics.violations == []


def test_the_rom_routes_interrupts_and_pads(tmp_path: Path) -> None:
    machine = run(programs.ROUTES_AN_INTERRUPT, tmp_path, ms(20))
    registers = {
        0x600C_2000 + 4 * SOURCE["UART0"]: 7,
        0x600C_2114 + 4 * 7: 3,  # priority
        0x600C_2194: 2,  # threshold
        0x600C_2104: 0xA0,  # enabled
    }
    for address, value in registers.items():
        assert int.from_bytes(machine.read_memory(address, 4), "little") == value
    io_mux_gpio6 = int.from_bytes(machine.read_memory(0x6000_901C, 4), "little")
    assert io_mux_gpio6 >> 12 & 7 == 1  # MCU_SEL: GPIO
    assert machine.diagnostics.violations == []


def test_a_function_that_our_rom_lacks_is_reported(tmp_path: Path) -> None:
    machine = run(programs.CALLS_WHAT_THE_ROM_LACKS, tmp_path, ms(20))
    first = str(machine.diagnostics.violations[0])
    assert first.startswith("not-modelled: ROM function recv_packet is not modelled")
    assert "in program" in first  # where it was called
    assert str(machine.trace.present(MCU)) == "locked up"


def test_an_image_without_the_header_is_refused(tmp_path: Path) -> None:
    elf = programs.build(programs.HELLO, tmp_path, magic=0x1234_5678)
    with pytest.raises(FacetError, match="no direct-boot header"):
        Machine(BARE, elf)


def test_a_flat_image_runs_as_its_elf_does(tmp_path: Path) -> None:
    elf, flat = programs.build(programs.PRINTS, tmp_path), tmp_path / "firmware.bin"
    objcopy = ["riscv64-unknown-elf-objcopy", "-O", "binary", str(elf), str(flat)]
    subprocess.run(objcopy, check=True)
    one, other = Machine(BARE, elf), Machine(BARE, flat)
    for machine in (one, other):
        machine.run(ms(30))
    assert one.terminal.data == other.terminal.data
    assert one.cycles == other.cycles


def test_a_flat_image_without_the_header_is_refused(tmp_path: Path) -> None:
    flat = tmp_path / "firmware.bin"
    flat.write_bytes(b"\x00\x04\x02\x20" * 16)
    with pytest.raises(FacetError, match=r"firmware\.bin is not an ELF file.*begins with 00 04 02"):
        Machine(BARE, flat)


def test_an_image_larger_than_the_flash_is_refused(tmp_path: Path) -> None:
    flat = tmp_path / "firmware.bin"
    flat.write_bytes(DIRECT_BOOT_MAGIC + bytes(4 << 20))
    with pytest.raises(FacetError, match="4,194,312 bytes, more than the flash"):
        Machine(BARE, flat)


def test_firmware_of_the_other_chip_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "empty.c"
    source.write_text("void reset(void) {}")
    elf = tmp_path / "arm.elf"
    command = ["arm-none-eabi-gcc", "-nostdlib", "-Wl,-ereset", "-o", str(elf), str(source)]
    subprocess.run(command, check=True)
    with pytest.raises(FacetError, match=r"EM_ARM.*esp32c3 runs EM_RISCV"):
        Machine(BARE, elf)
