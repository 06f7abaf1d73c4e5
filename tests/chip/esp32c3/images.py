"""Programs that the ROM or a second-stage bootloader loads, and the images that esptool makes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chip.esp32c3 import programs

needs_esptool = pytest.mark.skipif(
    importlib.util.find_spec("esptool") is None, reason="needs esptool (pip install esptool)"
)

SAYS_WHERE_IT_IS = (
    programs.USES_THE_ROM
    + """
__attribute__((section(".iram"), noinline)) static int in_iram(volatile int x) { return 3 * x; }
const char description[256] = "where esptool looks for an application's description";
static const char text[] = "constant";
static volatile int variable = 42;
void program(void) {
  stop_watchdogs();
  ets_printf("here: %s at %p, %d, %d\\n", text, text, variable, in_iram(14));
  for (;;) {}
}
"""
)

_RAM = """
ENTRY(start)
_stack = 0x3FCD0000;
SECTIONS {
  .iram 0x40390000 : { KEEP(*(.start)) *(.iram*) *(.text*) }
  .dram 0x3FCA0000 : { *(.rodata* .srodata* .data* .sdata*) *(.bss* .sbss*) }
}
"""

APPLICATION = """
ENTRY(start)
_stack = 0x3FCD0000;
SECTIONS {
  .flash.rodata 0x3C000020 : { *(.rodata* .srodata*) }
  .flash.text 0x42010020 : { *(.text*) }
  .iram 0x40380000 : { KEEP(*(.start)) *(.iram*) }
  .dram 0x3FC90000 : { *(.data* .sdata*) *(.bss* .sbss*) }
}
"""


def build_for_ram(source: str, folder: Path) -> Path:
    """The ELF file of a program all of which lies in RAM."""
    return programs.build(source, folder, layout=_RAM)


def build_application(source: str, folder: Path) -> Path:
    """The ELF file of a program whose constants and most of whose code stay in flash."""
    return programs.build(source, folder, layout=APPLICATION)


def esptool(*arguments: str | Path) -> str:
    """Runs esptool for the ESP32-C3; gives what it prints."""
    command = [sys.executable, "-m", "esptool", "--chip", "esp32c3", *map(str, arguments)]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def image_of(elf: Path, *options: str) -> Path:
    """The image that esptool makes of an ELF file."""
    image = elf.with_suffix(".bin")
    esptool("elf2image", *options, "-o", image, elf)
    return image
