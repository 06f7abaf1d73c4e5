"""The source of a board: the pins of the terminal and the camera, as its board file has them.

The board file's own check (`facet.board`) makes sure that the pins exist, are free and can carry
their signals. The firmware needs more, which is checked here: it drives the camera with one SPI and
one I2C of the chip, and the terminal with one UART.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facet.board.board import Board, PartEntry
from facet.errors import FacetError
from facet.firmware.generated import c_string, replace_file
from facet.pinout.catalog import PINOUTS
from facet.pinout.pinout import Pinout

CAMERA: Final = "arducam_ov2640"
"""The type of the part that the firmware takes pictures with."""

_LOWEST_BAUD, _HIGHEST_BAUD = 9_600, 1_000_000
"""Of the terminal: slower, a line outlasts the firmware's time-outs; faster, bytes are lost while
an interrupt is served."""

_LSE_HZ: Final = 32_768

_STM32L4_SIGNALS: Final = {
    "ConsoleTx": ("tx", "USART2_TX"),
    "ConsoleRx": ("rx", "USART2_RX"),
    "I2cScl": ("scl", "I2C1_SCL"),
    "I2cSda": ("sda", "I2C1_SDA"),
    "CameraSck": ("sck", "SPI1_SCK"),
    "CameraMiso": ("miso", "SPI1_MISO"),
    "CameraMosi": ("mosi", "SPI1_MOSI"),
}
"""Wire in the firmware: key in the board file, and the signal of the chip that drives it."""

_OUTPUTS: Final = {"CameraChipSelect": "cs", "CameraPower": "power"}
"""Wires that are plain outputs."""

_C3_BUSY: Final = {
    "GPIO11": "it supplies the flash (VDD_SPI) unless a fuse is burnt",
    "GPIO18": "after reset it belongs to the USB Serial/JTAG controller",
    "GPIO19": "after reset it belongs to the USB Serial/JTAG controller",
}
"""Pins of the ESP32-C3 that the firmware does not free."""


@dataclass(frozen=True)
class _Pins:
    """The pins of a board that the firmware drives: wire in the firmware -> pin."""

    by_wire: dict[str, str]

    def __getitem__(self, wire: str) -> str:
        return self.by_wire[wire]

    @classmethod
    def of(cls, board: Board, camera: PartEntry) -> _Pins:
        terminal = {"tx": board.terminal.tx, "rx": board.terminal.rx}
        keys = {wire: key for wire, (key, _) in _STM32L4_SIGNALS.items()} | _OUTPUTS
        return cls({w: terminal.get(key) or camera.settings[key] for w, key in keys.items()})


def write_board_source(board: Board, mcu: str, folder: Path) -> None:
    """Writes this_board.h into `folder` if it changes.

    Arguments and errors as of `board_source`.
    """
    replace_file(folder / "this_board.h", board_source(board, mcu).encode())


def board_source(board: Board, mcu: str) -> str:
    """The header with the board's name, its pins and its baud rate.

    Args:
        board: the board.
        mcu: the chip's order code in PlatformIO's board file.

    Raises:
        FacetError: the firmware cannot drive this board; names all that is in the way.
    """
    pinout = PINOUTS[board.chip]
    faults = list(_faults(board, mcu, pinout))
    if faults:
        raise FacetError(f"the firmware cannot drive {board.name}: {'; '.join(faults)}")
    pins = _Pins.of(board, _cameras(board)[0])
    return "\n".join(_stm32l4(board, pins, pinout) if pinout.functions else _esp32c3(board, pins))


def _cameras(board: Board) -> list[PartEntry]:
    return [part for part in board.parts if part.type == CAMERA]


def _faults(board: Board, mcu: str, pinout: Pinout) -> Iterator[str]:
    if not mcu.startswith(board.chip):
        yield (
            f"its chip is {board.chip}, and its environment {board.environment!r} builds for {mcu}"
        )
    cameras = _cameras(board)
    if len(cameras) != 1:
        yield f"it has {len(cameras)} parts of the type {CAMERA!r} instead of one"
    if not _LOWEST_BAUD <= board.terminal.baud <= _HIGHEST_BAUD:
        yield (
            f"its terminal's {board.terminal.baud:,} baud are not between {_LOWEST_BAUD:,} and"
            f" {_HIGHEST_BAUD:,}"
        )
    if board.lse_hz not in (0, _LSE_HZ):
        yield f"its lse_hz is {board.lse_hz:,}, and the real-time clock counts {_LSE_HZ:,} or none"
    if len(cameras) == 1:
        pins = _Pins.of(board, cameras[0])
        yield from _stm32l4_faults(pins, pinout) if pinout.functions else _esp32c3_faults(pins)


def _stm32l4_faults(pins: _Pins, pinout: Pinout) -> Iterator[str]:
    for wire, (key, signal) in _STM32L4_SIGNALS.items():
        if signal not in pinout.signals(pins[wire]):
            able = ", ".join(pinout.pins_of(signal))
            yield f"{key} at {pins[wire]} is not {signal}, which the firmware uses ({able})"


def _esp32c3_faults(pins: _Pins) -> Iterator[str]:
    keys = {wire: key for wire, (key, _) in _STM32L4_SIGNALS.items()} | _OUTPUTS
    for wire, key in keys.items():
        if pins[wire] in _C3_BUSY:
            yield f"{key} at {pins[wire]}: {_C3_BUSY[pins[wire]]}"


def _head(board: Board, namespace: str) -> list[str]:
    return [
        "// Generated from the board file by sim/facet/firmware/board_source.py.",
        "#pragma once",
        "",
        f'#include "hal/{namespace}/pin.h"',
        "",
        f"namespace {namespace} {{",
        "",
        f"inline constexpr char kBoardName[] = {c_string(board.name)};",
        f"inline constexpr std::uint32_t kConsoleBaud = {board.terminal.baud};",
    ]


def _stm32l4(board: Board, pins: _Pins, pinout: Pinout) -> list[str]:
    assert pinout.functions is not None
    ports = sorted({_port(pin) for pin in pins.by_wire.values()})
    clocks = " | ".join(f"RCC_AHB2ENR::GPIO{port}EN" for port in ports)
    lines = _head(board, "stm32l4")
    lines.insert(4, '#include "hal/stm32l4/registers/rcc.h"')
    lines += [
        "",
        "/// The clocks of the ports that have a pin below.",
        f"inline constexpr std::uint32_t kPortClocks = {clocks};",
        "",
        "namespace pins {",
        "",
    ]
    for wire in (*_STM32L4_SIGNALS, *_OUTPUTS):
        lines.append(f"using {wire} = {_stm32l4_pin(pins[wire])};")
        if wire in _STM32L4_SIGNALS:
            signal = _STM32L4_SIGNALS[wire][1]
            number = pinout.functions[pins[wire]][signal]
            lines.append(f"inline constexpr std::uint32_t k{wire}Function = {number};  // {signal}")
    receiver = pins["ConsoleRx"]
    lines += [
        "",
        "/// The EXTI line of the console's RX pin, and the port in SYSCFG_EXTICR.",
        f"inline constexpr std::uint32_t kConsoleRxExtiLine = {_number(receiver)};",
        f"inline constexpr std::uint32_t kConsoleRxExtiPort = {ord(_port(receiver)) - ord('A')};",
        "",
        "}  // namespace pins",
        "}  // namespace stm32l4",
        "",
    ]
    return lines


def _stm32l4_pin(pin: str) -> str:
    return f"Pin<kGpio{_port(pin).lower()}Base, {_number(pin)}>"


def _port(pin: str) -> str:
    return pin[1]


def _number(pin: str) -> int:
    return int(re.sub(r"\D", "", pin))


def _esp32c3(board: Board, pins: _Pins) -> list[str]:
    return [
        *_head(board, "esp32c3"),
        "",
        "namespace pins {",
        "",
        *(f"using {wire} = Pin<{_number(pin)}>;" for wire, pin in pins.by_wire.items()),
        "",
        "}  // namespace pins",
        "}  // namespace esp32c3",
        "",
    ]
