"""A program that breaks a rule of the core says what and where, and starts again."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sim.bench import Bench
from sim.time import ms, s

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


def build(misbehaviour: str, folder: Path) -> Path:
    source, elf = folder / "program.cc", folder / "program.elf"
    source.write_text(PROGRAM.replace("MISBEHAVE", misbehaviour))
    cpu = "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard"
    own = "-std=c++17 -O2 -g -fno-exceptions -fno-rtti -ffunction-sections"
    link = "-nostartfiles --specs=nano.specs -Wl,--gc-sections"
    hal = FIRMWARE / "hal" / "stm32l4"
    subprocess.run(
        [
            *f"arm-none-eabi-g++ {cpu} {own} {link} -I{FIRMWARE}".split(),
            *map(str, sorted((hal.parent / "common").glob("*.cc"))),
            *map(str, sorted(hal.glob("*.cc"))),
            str(source),
            *f"-T{hal / 'stm32l476rg.ld'} -o {elf}".split(),
        ],
        check=True,
    )
    return elf


def function_at(elf: Path, address: int) -> str:
    where = subprocess.run(
        ["arm-none-eabi-addr2line", "-f", "-C", "-e", str(elf), hex(address)],
        capture_output=True,
        text=True,
        check=True,
    )
    return where.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("misbehaviour", "detail", "cfsr"),
    [
        ("*reinterpret_cast<volatile int*>(0x70000000) = 1", "BusFault", 0x8200),
        ('asm volatile("udf #1")', "UsageFault", 0x10000),
        ("sink = Deeper(0)", "BusFault, stack overflow", 0x9200),
    ],
    ids=["write to nowhere", "undefined instruction", "stack overflow"],
)
def test_a_fault_is_reported_and_survived(
    misbehaviour: str, detail: str, cfsr: int, tmp_path: Path
) -> None:
    elf = build(misbehaviour, tmp_path)
    bench = Bench("nucleo_l476rg", elf)
    bench.run_for(ms(200))
    said = [line.text for line in bench.lines if line.text]
    assert said[0] == "started: power-on"
    report: dict[str, Any] = json.loads(said[1])
    assert report["code"] == "fault"
    assert report["detail"] == detail
    assert int(report["cfsr"], 16) == cfsr
    assert said[2] == "started: software"
    if "pc" in report:  # a frame that did not fit onto the stack says nothing
        assert re.match(r"Misbehave", function_at(elf, int(report["pc"], 16)))


@pytest.mark.slow
def test_a_program_that_hangs_is_reset_by_the_watchdog(tmp_path: Path) -> None:
    elf = build('for (;;) asm volatile("wfi")', tmp_path)  # awake at each tick, and going nowhere
    bench = Bench("nucleo_l476rg", elf)
    bench.run_for(s(36))
    assert [line.text for line in bench.lines] == ["started: power-on", "started: watchdog"]
    # 4096 · 256 / 32 kHz = 32.8 s
    assert 30 < bench.lines[1].at.in_s < 35
