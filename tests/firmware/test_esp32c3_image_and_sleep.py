"""The ESP32-C3's firmware as a whole: its flash image, and both its sleeps."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from facet.board.board import load
from facet.firmware.build import FirmwareCache
from facet.machine import Machine
from facet.model import bundle as model_bundle
from facet.state import MCU
from facet.target.simulated import simulate
from facet.time import ms, s, us

BOARD = "esp32c3_devkitm"
IROM, DROM = 0x4200_0000, 0x3C00_0000


@pytest.fixture(scope="module")
def elf() -> Path:
    return FirmwareCache().get(load(BOARD), model_bundle.find("facet-small"))


def test_the_flat_image_is_what_the_simulated_flash_holds(elf: Path, tmp_path: Path) -> None:
    flat = tmp_path / "firmware.bin"
    subprocess.run(["riscv64-unknown-elf-objcopy", "-O", "binary", elf, flat], check=True)
    image = flat.read_bytes()
    assert image[:8] == bytes.fromhex("1d04dbae") * 2  # direct boot
    machine = Machine(load(BOARD), elf)
    machine.run(ms(15))  # the ROM maps the flash
    assert machine.read_memory(IROM, len(image)) == image
    assert machine.read_memory(DROM, len(image)) == image


@pytest.mark.slow
def test_settings_and_counters_survive_deep_sleep(elf: Path) -> None:
    bench = simulate(BOARD, elf)
    assert bench.wait_for("boot")["reset"] == "power-on"
    assert bench.wait_for("result")["n"] == 1
    for command in ("threshold 80", "interval 2000", "sleep deep"):
        assert bench.ask(command)["event"] == "ok"
    assert bench.wait_for("sleep")["mode"] == "deep"
    asleep_at = bench.now
    assert bench.wait_for("boot")["reset"] == "deep-sleep"
    assert s(2) < bench.now - asleep_at < s(2) + ms(100)
    message = bench.wait_for("result")
    assert message["n"] == 2
    assert message["uncertain"] == (message["confidence"] < 80)
    assert bench.wait_for("sleep") == {"event": "sleep", "mode": "deep", "ms": 2000}
    bench.run_for(s(1))
    assert bench.states.present(MCU).mode == "deep sleep"
    assert bench.violations == []


@pytest.mark.slow
def test_without_an_interval_it_sleeps_so_that_the_host_can_wake_it(elf: Path) -> None:
    bench = simulate(BOARD, elf)
    bench.wait_for("sleep")
    for command in ("sleep deep", "interval 0"):
        assert bench.ask(command)["event"] == "ok"
    assert bench.wait_for("sleep") == {"event": "sleep", "mode": "light", "ms": 0}
    bench.run_for(s(20))
    assert bench.ask("stats")["sleep_mode"] == "deep"
    assert bench.violations == []


@pytest.mark.slow
def test_a_command_is_answered_at_each_phase_of_falling_asleep(elf: Path) -> None:
    """The slow clock is measured for 0.9 ms before a light sleep; the host may send a byte then."""
    bench = simulate(BOARD, elf)
    bench.wait_for("sleep")
    bench.ask("interval 0")
    for phase_us in range(0, 1600, 40):
        bench.wait_for("sleep")
        bench.run_for(us(phase_us))
        assert bench.ask("stats")["event"] == "stats", f"{phase_us} us after the event"
    assert bench.violations == []
