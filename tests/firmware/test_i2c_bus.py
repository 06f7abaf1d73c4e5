"""The I2C bus of the HAL, shared by two devices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from facet.board.board import load
from facet.chip.esp32c3.chip import Esp32C3
from facet.chip.stm32l4.chip import Stm32L4
from facet.machine import Machine
from facet.time import ms
from tests.firmware.chips import ESP32C3, STM32L4, STM32L432, Chip

DEVICES = """
#pragma once
#include <cstdint>
namespace hal {
enum class I2cSpeed : std::uint8_t { kStandard, kFast };
enum class I2cDevice : std::uint8_t { kCamera, kDisplay };
struct I2cDeviceInfo { std::uint8_t address; I2cSpeed fastest; };
inline constexpr I2cDeviceInfo kI2cDevices[] = {
    {0x30, I2cSpeed::kStandard}, {0x3C, I2cSpeed::kFast}};
}  // namespace hal
"""

PROGRAM = """
#include "hal/board.h"
#include "hal/console.h"
#include "hal/i2c.h"

using hal::I2cDevice;

void Say(const char* what, hal::Status status) {
  static const char* const kNames[] = {"ok", "nack", "bus error", "timeout"};
  hal::ConsoleWrite(what);
  hal::ConsoleWrite(kNames[static_cast<int>(status)]);
  hal::ConsoleWrite("\\r\\n");
  hal::ConsoleFlush();
}

std::uint8_t bytes[32] = {1, 2, 3};

int main() {
  hal::StartBoard();
  hal::I2cOpen(I2cDevice::kDisplay);
  Say("display alone: ", hal::I2cWrite(I2cDevice::kDisplay, bytes, 31));
  hal::I2cOpen(I2cDevice::kCamera);
  hal::I2cOpen(I2cDevice::kCamera);
  Say("display beside camera: ", hal::I2cWrite(I2cDevice::kDisplay, bytes, 3));
  Say("camera: ", hal::I2cWrite(I2cDevice::kCamera, bytes, 1));
  std::uint8_t answer = 0;
  Say(hal::I2cRead(I2cDevice::kCamera, &answer, 1) == hal::Status::kOk && answer == 0x26
      ? "camera read: " : "camera not read: ", hal::Status::kOk);
  hal::I2cClose(I2cDevice::kCamera);
  Say("display after camera: ", hal::I2cWrite(I2cDevice::kDisplay, bytes, 2));
  hal::I2cClose(I2cDevice::kCamera);
  Say("display still: ", hal::I2cWrite(I2cDevice::kDisplay, bytes, 1));
  Say("absent: ", hal::I2cWrite(I2cDevice::kCamera, bytes, 1));
  volatile std::size_t too_many = 32;
  Say("too long: ", hal::I2cWrite(I2cDevice::kDisplay, bytes, too_many));
  Say("nothing: ", hal::I2cRead(I2cDevice::kDisplay, bytes, 0 * too_many));
  hal::I2cClose(I2cDevice::kDisplay);
  Say("closed: ", hal::Status::kOk);
  for (;;) asm volatile("wfi");
}
"""


class Slave:
    """A device that acknowledges its address and records each transfer."""

    def __init__(self, address: int, last: int | None = None) -> None:
        self.transfers: list[tuple[int, list[int]]] = []
        self._address = address
        self._last = last  # transfers until it is taken off the bus
        self._selected = False

    def i2c_start(self, address: int, read: bool, scl_hz: int) -> bool:
        self._selected = address == self._address and len(self.transfers) != self._last
        if self._selected:
            self.transfers.append((scl_hz, []))
        return self._selected

    def i2c_write(self, byte: int) -> bool:
        if self._selected:
            self.transfers[-1][1].append(byte)
        return self._selected

    def i2c_read(self) -> int:
        return 0x26 if self._selected else 0xFF

    def i2c_stop(self) -> None:
        self._selected = False


@pytest.mark.parametrize(
    ("chip", "scl", "sda"),
    [
        pytest.param(STM32L4, "PB8", "PB9", id="NUCLEO-L476RG"),
        pytest.param(STM32L432, "PA9", "PA10", id="NUCLEO-L432KC"),
        pytest.param(ESP32C3, "GPIO5", "GPIO4", id="ESP32-C3"),
    ],
)
def test_two_devices_share_the_bus(chip: Chip, scl: str, sda: str, tmp_path: Path) -> None:
    (tmp_path / "hal").mkdir()
    (tmp_path / "hal" / "i2c_devices.h").write_text(DEVICES)
    elf = chip.build(PROGRAM, tmp_path)
    machine = Machine(replace(load(chip.board), parts=()), elf)
    camera, display = Slave(0x30, last=2), Slave(0x3C)
    for part in (camera, display):
        machine.wiring.plug_i2c(part, scl, sda)
    for pin in (scl, sda):
        machine.wiring.net(pin).pull("board", 1)
    machine.run(ms(20))  # "display alone"
    assert routed(machine.chip) == scl
    machine.run(ms(100))
    said = [line.text for line in machine.terminal.lines if ": " in line.text][-10:]
    assert said == [
        "display alone: ok",
        "display beside camera: ok",
        "camera: ok",
        "camera read: ok",
        "display after camera: ok",
        "display still: ok",
        "absent: nack",
        "too long: bus error",
        "nothing: bus error",
        "closed: ok",
    ]
    assert [speed_of(hz) for hz, _ in display.transfers] == ["fast", "standard", "fast", "fast"]
    assert [data for _, data in display.transfers[1:]] == [[1, 2, 3], [1, 2], [1]]
    assert len(display.transfers[0][1]) == 31
    assert [(speed_of(hz), data) for hz, data in camera.transfers] == [
        ("standard", [1]),
        ("standard", []),
    ]
    assert [str(violation) for violation in machine.diagnostics.violations] == []
    assert routed(machine.chip) is None


def speed_of(hz: int) -> str:
    return "standard" if 90_000 < hz < 102_000 else "fast" if 350_000 < hz <= 400_000 else str(hz)


def routed(chip: object) -> str | None:
    """The pin that carries SCL at present."""
    if isinstance(chip, Esp32C3):
        return chip.gpio.output_pin("I2CEXT0_SCL")
    assert isinstance(chip, Stm32L4)
    return chip.pins.pin_of("I2C1_SCL")
