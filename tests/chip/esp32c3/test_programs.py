"""Programs on the whole board: what its serial terminal shows."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sim.board import load
from sim.errors import FacetError
from sim.machine import Machine
from sim.time import Time, ms, s
from tests.chip.esp32c3 import programs

BARE = replace(load("esp32c3_devkitm"), parts=())


def run(source: str, folder: Path, span: Time) -> Machine:
    machine = Machine(BARE, programs.build(source, folder))
    machine.run(span)
    return machine


def said(machine: Machine) -> list[str]:
    """What the program said, the ROM's lines left out."""
    rom = ("ESP-ROM:", "Build:", "rst:")
    return [line.text for line in machine.terminal.lines if not line.text.startswith(rom)]


def test_hello(tmp_path: Path) -> None:
    machine = run(programs.HELLO, tmp_path, ms(20))
    assert said(machine) == ["hello"]
    assert machine.terminal.lines[2].text == "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)"
    assert machine.diagnostics.violations == []


def test_deep_sleep_restarts_through_the_rom(tmp_path: Path) -> None:
    machine = run(programs.COUNTS_ITS_DEEP_SLEEPS, tmp_path, ms(300))
    assert said(machine) == ["woken 0, SRAM lost", "woken 1, SRAM lost", "woken 2, SRAM lost"]
    asleep = [
        span for span in machine.trace.spans("mcu", machine.now) if span.state == "deep sleep"
    ]
    assert abs((asleep[0].end - asleep[0].begin) - ms(100)) < ms(1)
    assert "rst:0x5 (DSLEEP)" in machine.terminal.text
    assert machine.diagnostics.violations == []


def test_light_sleep_goes_on_behind_the_store(tmp_path: Path) -> None:
    machine = run(programs.SLEEPS_LIGHTLY, tmp_path, s(2.9))
    assert said(machine) == ["awake"] * 3
    assert machine.diagnostics.violations == []


def test_a_call_of_the_rom_is_named(tmp_path: Path) -> None:
    machine = run(programs.CALLS_THE_ROM, tmp_path, ms(20))
    first = machine.diagnostics.violations[0]
    assert "0x40000068" in str(first)


def test_an_image_without_the_header_is_refused(tmp_path: Path) -> None:
    elf = programs.build(programs.HELLO, tmp_path, magic=0x1234_5678)
    with pytest.raises(FacetError, match="no direct-boot header"):
        Machine(BARE, elf)


def test_firmware_of_the_other_chip_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "empty.c"
    source.write_text("void reset(void) {}")
    elf = tmp_path / "arm.elf"
    command = ["arm-none-eabi-gcc", "-nostdlib", "-Wl,-ereset", "-o", str(elf), str(source)]
    subprocess.run(command, check=True)
    with pytest.raises(FacetError, match=r"EM_ARM.*esp32c3 runs EM_RISCV"):
        Machine(BARE, elf)
