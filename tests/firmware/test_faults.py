"""A program that breaks a rule of the core says what and where, and starts again."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from facet.board.board import load
from facet.firmware.board_source import write_board_source
from facet.firmware.cxx_headers import cxx_headers_of
from facet.target.bench import Bench, Line
from facet.time import ms, s

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"

PROGRAM = """
#include <cstring>
#include "hal/board.h"
#include "hal/console.h"

[[gnu::noinline]] int Deeper(int n) {
  volatile char frame[256];
  frame[0] = static_cast<char>(n);
  return n < 0 ? 0 : Deeper(n + 1) + frame[0];
}

volatile int sink;

[[gnu::noinline]] void Misbehave() { MISBEHAVE; }

int main() {
  hal::StartBoard();
  hal::ConsoleWrite("started: ");
  hal::ConsoleWrite(hal::ResetCause());
  hal::ConsoleWrite("\\r\\n");
  hal::ConsoleFlush();
  if (std::strcmp(hal::ResetCause(), "power-on") == 0) Misbehave();
  for (;;) asm volatile("wfi");
}
"""


@dataclass(frozen=True)
class Chip:
    """How a program for a board is built, beside what is the same for all."""

    board: str
    hal: str
    linker_script: str
    toolchain: str
    flags: str
    libraries: str = ""
    cxx_headers_of: str = ""

    def build(self, misbehaviour: str, folder: Path) -> Path:
        """A program that misbehaves once, right after power-on."""
        source, elf = folder / "program.cc", folder / "program.elf"
        source.write_text(PROGRAM.replace("MISBEHAVE", misbehaviour))
        board = load(self.board)
        write_board_source(board, board.chip, folder)
        own = "-std=c++17 -O2 -g -fno-exceptions -fno-rtti -ffunction-sections"
        link = "-nostartfiles -Wl,--gc-sections"
        hal = FIRMWARE / "hal" / self.hal
        sources = [f for g in (FIRMWARE / "hal" / "common", hal) for f in sorted(g.glob("*.cc"))]
        headers = cxx_headers_of(self.cxx_headers_of) if self.cxx_headers_of else []
        subprocess.run(
            [
                *f"{self.toolchain}g++ {self.flags} {own} {link} -I{FIRMWARE}".split(),
                *f"-I{folder} -L{hal}".split(),
                *(word for header in headers for word in ("-isystem", header)),
                *map(str, [*sources, *sorted(hal.glob("*.S")), source]),
                *f"-T{hal / self.linker_script} {self.libraries} -o {elf}".split(),
            ],
            check=True,
        )
        return elf

    def function_at(self, elf: Path, address: int) -> str:
        """The function that an address lies in."""
        where = subprocess.run(
            [f"{self.toolchain}addr2line", "-f", "-C", "-e", str(elf), hex(address)],
            capture_output=True,
            text=True,
            check=True,
        )
        return where.stdout.splitlines()[0]


STM32L4 = Chip(
    board="nucleo_l476rg",
    hal="stm32l4",
    linker_script="stm32l476rg.ld",
    toolchain="arm-none-eabi-",
    flags="-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard --specs=nano.specs",
)
STM32L432 = replace(STM32L4, board="nucleo_l432kc", linker_script="stm32l432kc.ld")
ESP32C3 = Chip(
    board="esp32c3_devkitm",
    hal="esp32c3",
    linker_script="esp32c3.ld",
    toolchain="riscv64-unknown-elf-",
    flags="-march=rv32imc -mabi=ilp32 --specs=picolibc.specs -nodefaultlibs -DF_CPU=160000000L",
    libraries="-lc -lgcc",
    cxx_headers_of="arm-none-eabi-g++",
)
FAULTS = ("write to nowhere", "undefined instruction", "stack overflow")
WRITE_TO_NOWHERE = "*reinterpret_cast<volatile int*>(0x70000000) = 1"


def said_by_the_program(bench: Bench) -> list[Line]:
    """What the program itself said; the ESP32-C3's ROM prints a banner at each reset."""
    return [line for line in bench.lines if line.text.startswith(("started: ", "{"))]


@pytest.mark.parametrize(
    ("chip", "misbehaviour", "said"),
    [
        (STM32L4, WRITE_TO_NOWHERE, {"detail": "BusFault", "cfsr": "0x00008200"}),
        (STM32L4, 'asm volatile("udf #1")', {"detail": "UsageFault", "cfsr": "0x00010000"}),
        (
            STM32L4,
            "sink = Deeper(0)",
            {"detail": "BusFault, stack overflow", "cfsr": "0x00009200"},
        ),
        (
            STM32L432,  # its stack lies at the bottom of SRAM1
            "sink = Deeper(0)",
            {"detail": "BusFault, stack overflow", "cfsr": "0x00009200"},
        ),
        (ESP32C3, WRITE_TO_NOWHERE, {"detail": "store access fault", "mtval": "0x70000000"}),
        (ESP32C3, 'asm volatile("unimp")', {"detail": "illegal instruction"}),
        (ESP32C3, "sink = Deeper(0)", {"detail": "store access fault, stack overflow"}),
    ],
    ids=[
        *(f"STM32-L4: {what}" for what in FAULTS),
        f"STM32L432: {FAULTS[-1]}",
        *(f"ESP32-C3: {what}" for what in FAULTS),
    ],
)
def test_a_fault_is_reported_and_survived(
    chip: Chip, misbehaviour: str, said: dict[str, str], tmp_path: Path
) -> None:
    elf = chip.build(misbehaviour, tmp_path)
    bench = Bench(chip.board, elf)
    bench.run_for(ms(200))
    lines = [line.text for line in said_by_the_program(bench)]
    assert lines[0] == "started: power-on"
    report: dict[str, Any] = json.loads(lines[1])
    assert report["code"] == "fault"
    assert {key: report[key] for key in said} == said
    assert lines[2] == "started: software"
    if "pc" in report:  # a frame that did not fit onto the stack says nothing
        where = chip.function_at(elf, int(report["pc"], 16))
        assert re.match("Deeper" if "Deeper" in misbehaviour else "Misbehave", where)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chip", "least_s", "most_s"),
    [
        pytest.param(STM32L4, 30, 35, id="STM32-L4"),  # 4096 · 256 / 32 kHz = 32.8 s
        pytest.param(ESP32C3, 30.9, 31.2, id="ESP32-C3"),  # 31,000 ms of the crystal
    ],
)
def test_a_program_that_hangs_is_reset_by_the_watchdog(
    chip: Chip, least_s: float, most_s: float, tmp_path: Path
) -> None:
    # Awake at each tick, and going nowhere.
    elf = chip.build('for (;;) asm volatile("wfi")', tmp_path)
    bench = Bench(chip.board, elf)
    bench.run_for(s(36))
    lines = said_by_the_program(bench)
    assert [line.text for line in lines] == ["started: power-on", "started: watchdog"]
    assert least_s < lines[1].at.in_s < most_s
