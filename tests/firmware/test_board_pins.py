"""The firmware drives the pins of a board file, or its build gives the reason why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from facet.board.board import load
from facet.cli import main
from facet.dataset import draw_face
from facet.errors import FacetError
from facet.firmware.board_source import board_source
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find
from facet.resources import BOARDS, PROJECT
from facet.target.simulated import simulate

GAP = PROJECT / "tests" / "firmware" / "models" / "gap.tflite"
MODEL = "facet-nano"

# Every wire at another pin, on other ports, and another rate.
OTHER_PINS = {
    "nucleo_l476rg": {
        "sck": "PB3",
        "miso": "PB4",
        "mosi": "PB5",
        "scl": "PB6",
        "sda": "PB7",
        "cs": "PH0",
        "power": "PD2",
        "baud": 230400,
    },
    "nucleo_l432kc": {
        "sck": "PB3",
        "miso": "PB4",
        "mosi": "PB5",
        "cs": "PB1",
        "power": "PB0",
        "rx": "PA3",
        "baud": 57600,
    },
    "esp32c3_devkitm": {
        "tx": "GPIO7",
        "rx": "GPIO10",
        "sck": "GPIO4",
        "miso": "GPIO5",
        "mosi": "GPIO3",
        "scl": "GPIO2",
        "sda": "GPIO6",
        "cs": "GPIO1",
        "power": "GPIO0",
        "baud": 500000,
    },
}

Copy = Callable[..., Path]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of a board's file, under another name, with other values of some keys."""

    def make(board: str, **values: object) -> Path:
        text = (BOARDS / f"{board}.toml").read_text()
        # The board's LED hangs on a pin that is wanted here; it is not the firmware's.
        text = re.sub(r"\[\[led\]\].*?\n\n", "", text, flags=re.DOTALL)
        for key, value in values.items():
            written = f'"{value}"' if isinstance(value, str) else str(value)
            text, count = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {written} ", text)
            assert count == 1, key
        path = tmp_path / "my board.toml"
        path.write_text(text)
        return path

    return make


@pytest.mark.slow
@pytest.mark.parametrize("board", OTHER_PINS)
def test_a_firmware_for_other_pins_takes_pictures_there(board: str, copy: Copy) -> None:
    path = copy(board, **OTHER_PINS[board])
    bench = simulate(str(path), FirmwareCache().get(load(str(path)), find(MODEL)))
    bench.show(draw_face("happy", 5))
    assert bench.wait_for_boot()["board"] == "my board"
    assert bench.wait_for("result")["emotion"] == "happy"
    assert bench.wait_for("sleep")["mode"] in ("stop2", "light")
    assert bench.ask("stats")["decisions"] == 1  # a byte at the other RX pin ends the sleep
    assert bench.violations == []


@pytest.mark.slow
def test_the_commands_take_the_path_of_a_board_file(copy: Copy, tmp_path: Path) -> None:
    path = copy("nucleo_l476rg", cs="PB10")
    options = ["--board", str(path), "--model", MODEL]
    shown = CliRunner().invoke(
        main, ["sim", *options, "--limit", "1", "--out", str(tmp_path / "out")]
    )
    assert shown.exit_code == 0, shown.output
    assert '"board":"my board"' in (tmp_path / "out" / "uart.log").read_text()
    elf = FirmwareCache().get(load(str(path)), find(MODEL))
    ran = CliRunner().invoke(main, ["run", str(elf), "--board", str(path), "--for", "900ms"])
    assert ran.exit_code == 0, ran.output
    assert '"event":"result"' in ran.output


@pytest.mark.parametrize(
    ("board", "values", "reason"),
    [
        (
            "nucleo_l476rg",
            {"sck": "PB13", "miso": "PB14", "mosi": "PB15"},
            "sck at PB13 is not SPI1_SCK, which the firmware uses (PA5, PB3)",
        ),
        ("nucleo_l476rg", {"scl": "PC0", "sda": "PC1"}, "scl at PC0 is not I2C1_SCL"),
        ("nucleo_l476rg", {"tx": "PA9", "rx": "PA10"}, "tx at PA9 is not USART2_TX"),
        ("nucleo_l476rg", {"baud": 300}, "its terminal's 300 baud are not between 9,600 and"),
        ("nucleo_l476rg", {"lse_hz": 32000}, "its lse_hz is 32,000"),
        ("nucleo_l476rg", {"environment": "nucleo_l432kc"}, "builds for stm32l432kcu6"),
        ("nucleo_l476rg", {"environment": "mine"}, "no environment 'mine' builds a firmware"),
        ("nucleo_l476rg", {"type": "acme_camera"}, "it has 0 parts of the type 'arducam_ov2640'"),
        ("esp32c3_devkitm", {"cs": "GPIO18"}, "cs at GPIO18: after reset it belongs to the USB"),
        ("esp32c3_devkitm", {"power": "GPIO11"}, "power at GPIO11: it supplies the flash"),
    ],
)
def test_what_the_firmware_cannot_drive_is_refused_before_anything_is_built(
    board: str, values: dict[str, object], reason: str, copy: Copy
) -> None:
    path = copy(board, **values)
    with pytest.raises(FacetError) as refusal:
        FirmwareCache().get(load(str(path)), find(str(GAP)))
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_all_that_is_in_the_way_is_named_at_once(copy: Copy) -> None:
    path = copy("nucleo_l476rg", baud=300, lse_hz=1000, sck="PB13", miso="PB14", mosi="PB15")
    with pytest.raises(FacetError) as refusal:
        board_source(load(str(path)), "stm32l476rgt6")
    for reason in ("300 baud", "lse_hz", "sck at PB13", "miso at PB14", "mosi at PB15"):
        assert reason in str(refusal.value)


def test_the_header_holds_ports_functions_and_lines_of_the_pins(copy: Copy) -> None:
    path = copy("nucleo_l476rg", **OTHER_PINS["nucleo_l476rg"])
    header = board_source(load(str(path)), "stm32l476rgt6")
    for line in (
        'kBoardName[] = "my board";',
        "kConsoleBaud = 230400;",
        "kPortClocks = RCC_AHB2ENR::GPIOAEN | RCC_AHB2ENR::GPIOBEN | RCC_AHB2ENR::GPIODEN |"
        " RCC_AHB2ENR::GPIOHEN;",
        "using CameraSck = Pin<kGpiobBase, 3>;",
        "kCameraSckFunction = 5;  // SPI1_SCK",
        "kI2cSclFunction = 4;  // I2C1_SCL",
        "using CameraPower = Pin<kGpiodBase, 2>;",
        "kConsoleRxExtiLine = 3;",
        "kConsoleRxExtiPort = 0;",
    ):
        assert line in header
