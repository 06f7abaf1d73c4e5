"""A program that breaks a rule of the core reports the fault and its place, and restarts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from facet.target.bench import Bench
from facet.target.line import Line
from facet.target.simulated import simulate
from facet.time import ms, s
from tests.firmware.chips import ESP32C3, STM32L4, STM32L432, Chip

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


FAULTS = ("write to nowhere", "undefined instruction", "stack overflow")
WRITE_TO_NOWHERE = "*reinterpret_cast<volatile int*>(0x70000000) = 1"


def said_by_the_program(bench: Bench) -> list[Line]:
    """The output of the program itself; the ESP32-C3's ROM prints a banner at each reset."""
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
    elf = chip.build(PROGRAM.replace("MISBEHAVE", misbehaviour), tmp_path)
    bench = simulate(chip.board, elf)
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
    elf = chip.build(PROGRAM.replace("MISBEHAVE", 'for (;;) asm volatile("wfi")'), tmp_path)
    bench = simulate(chip.board, elf)
    bench.run_for(s(36))
    lines = said_by_the_program(bench)
    assert [line.text for line in lines] == ["started: power-on", "started: watchdog"]
    assert least_s < lines[1].at.in_s < most_s
