"""Parts and boards of another installed package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from facet.board.board import load, names
from facet.cli import main
from facet.device.part import Part
from facet.errors import FacetError
from facet.target.simulated import simulate
from facet.time import ms
from tests.cli import programs
from tests.strict.program import needs_toolchain

PACKAGE = """
from dataclasses import dataclass

from facet.state import Mode, State


class LampMode(Mode):
    DARK = "dark"
    LIT = "lit"


@dataclass(frozen=True)
class LampState(State):
    lumen: int = 0


class Lamp:
    def __init__(self, services, wiring, entry):
        self.name = entry.name
        (pin,) = entry.pins("pin")
        def changed(level):
            state = LampState(LampMode.LIT, 3) if level == 1 else LampState(LampMode.DARK)
            services.state(self.name, state)
        wiring.net(pin).watch(changed)
"""

BOARD = """
title = "Acme X1"
chip = "stm32l476rg"
clocks = { lse_hz = 0, hse_hz = 0 }
terminal = { tx = "PA2", rx = "PA3", baud = 115200 }
firmware = { environment = "none", sleep_state = "stop2" }

[[button]]
name = "B1"
pin = "PC13"
pressed = 0

[[device]]
type = "acme_lamp"
name = "lamp"
pin = "PA5"
"""

ENTRY_POINTS = """
[facet.parts]
acme_lamp = acme_facet:Lamp
acme_broken = acme_facet:Missing
acme_number = acme_facet.number:NUMBER

[facet.boards]
acme_x1 = acme_facet
acme_lost = acme_facet
acme_number = acme_facet.number:NUMBER
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as pip would install it, with entry points."""
    site = tmp_path / "site"
    code, info = site / "acme_facet", site / "acme_facet-1.0.dist-info"
    code.mkdir(parents=True)
    info.mkdir()
    (code / "__init__.py").write_text(PACKAGE)
    (code / "number.py").write_text("NUMBER = 7\n")
    (code / "acme_x1.toml").write_text(BOARD)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-facet\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "acme_facet", raising=False)
    return site


@needs_toolchain
@pytest.mark.usefixtures("package")
def test_a_board_of_another_package_runs_with_its_part(tmp_path: Path) -> None:
    bench = simulate("acme_x1", programs.build(programs.LAMP, tmp_path))
    assert bench.board.title == "Acme X1"
    assert bench.part("lamp", Part).name == "lamp"
    bench.run_for(ms(10))
    bench.press("B1")
    bench.run_for(ms(10))
    assert [str(span.state) for span in bench.states.spans("lamp")] == ["dark", "lit"]
    assert bench.states.time_in("lamp", "lit") > ms(9)
    assert bench.violations == []


@pytest.mark.usefixtures("package")
def test_boards_of_another_package_are_listed() -> None:
    assert "acme_x1" in names()
    assert "nucleo_l476rg" in names()
    with pytest.raises(
        FacetError, match="no board 'acme_x9': there are acme_lost, acme_number, ac"
    ):
        load("acme_x9")


def with_part(tmp_path: Path, kind: str) -> str:
    path = tmp_path / "x1.toml"
    path.write_text(BOARD.replace("acme_lamp", kind))
    return str(path)


@needs_toolchain
@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (
            "acme_radio",
            r"x1\.toml: \[\[device\]\] lamp: the type 'acme_radio' is unknown; there are acme_.*"
            "arducam_ov2640",
        ),
        ("acme_broken", r"'acme_broken' of 'facet.parts' from acme-facet 1.0 cannot be loaded"),
        ("acme_number", r"must name a function that makes a part, not 7"),
    ],
)
def test_a_part_that_cannot_be_made_is_named(tmp_path: Path, kind: str, complaint: str) -> None:
    elf = programs.build(programs.LAMP, tmp_path)
    with pytest.raises(FacetError, match=complaint):
        simulate(with_part(tmp_path, kind), elf)


@pytest.mark.usefixtures("package")
def test_a_board_that_cannot_be_found_is_named() -> None:
    with pytest.raises(FacetError, match=r"package acme_facet, which does not hold acme_lost"):
        load("acme_lost")
    with pytest.raises(FacetError, match=r"must name a package that holds acme_number.toml, not 7"):
        load("acme_number")


def test_two_packages_with_one_name_are_both_named(package: Path) -> None:
    info = package / "other-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[facet.boards]\nacme_x1 = acme_facet\n")
    with pytest.raises(FacetError, match=r"'acme_x1' .* comes from .*: uninstall") as e:
        load("acme_x1")
    assert "acme-facet 1.0" in str(e.value)
    assert "other 2.0" in str(e.value)


def test_all_missing_pins_of_a_part_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x1.toml"
    path.write_text(BOARD.replace("acme_lamp", "arducam_ov2640") + 'cs = 6\nsck = "PA5"\n')
    with pytest.raises(FacetError) as refusal:
        load(str(path))
    for complaint in ("cs is 6, not a pin", "miso is missing", "mosi is missing", "sda is missing"):
        assert f"[[device]] lamp: {complaint}" in str(refusal.value)


@needs_toolchain
def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x1.toml"
    path.write_text(BOARD.replace('name = "lamp"', 'name = "mcu"'))
    elf = programs.build(programs.LAMP, tmp_path)
    with pytest.raises(FacetError, match="the name 'mcu' is taken"):
        simulate(str(path), elf)


@needs_toolchain
@pytest.mark.usefixtures("package")
def test_the_command_line_lists_a_board_of_another_package() -> None:
    result = CliRunner(env={"COLUMNS": None}).invoke(main, ["boards"])
    assert "acme_x1" in result.output
    assert "lamp (acme_lamp)" in result.output
    assert "acme_facet, which does not hold acme_lost.toml" in result.output
    assert result.exit_code == 2
