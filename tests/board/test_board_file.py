"""A board file's faults are named all at once, with where they are and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from facet.board.board import load, names
from facet.board.schema import PART_KEYS, SECTIONS, TOP
from facet.errors import FacetError
from facet.resources import BOARDS, PROJECT

L476 = (BOARDS / "nucleo_l476rg.toml").read_text()
L432 = (BOARDS / "nucleo_l432kc.toml").read_text()
C3 = (BOARDS / "esp32c3_devkitm.toml").read_text()

Complaint = Callable[..., str]


@pytest.fixture
def complaint(tmp_path: Path) -> Complaint:
    """The error message for a board file after some of its text has been replaced."""

    def say(text: str, *replacements: tuple[str, str]) -> str:
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "mine.toml"
        path.write_text(text)
        with pytest.raises(FacetError) as refusal:
            load(str(path))
        said = str(refusal.value)
        assert said.startswith(f"{path}: ")
        assert "\n" not in said
        return said

    return say


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('tx = "PA2"', 'tx = "PZ99"', "[terminal] (tx): STM32L476RG has no pin 'PZ99'; it has"),
        ('rx = "PA3"', 'rx = "PA2"', "PA2 is taken twice: by [terminal] (tx) and by [terminal]"),
        ("hse_hz = 0 ", "hse_hz = -8_000_000 ", "hse_hz is -8000000, not a whole number of Hz"),
        ("hse_hz = 0 ", "hse_hz = 1_000 ", "takes 4,000,000 to 48,000,000 Hz"),
        ("lse_hz = 32768", 'lse_hz = "fast"', "[clocks]: lse_hz is 'fast', not a whole number"),
        ("baud = 115200", 'baud = "115200"', "[terminal]: baud is '115200', not a whole number"),
        ("baud = 115200", "baud = 0", "[terminal]: baud is 0, not a whole number"),
        ('cs = "PB6"', 'cs = "PA6"', "PA6 is taken twice: by [[device]] camera (cs) and by"),
        ('power = "PC7"', 'power = "PC13"', "PC13 is taken twice: by [[button]] B1 (button)"),
        ('sck = "PA5"', 'sck = "PC0"', "[[device]] camera: PC0 cannot be sck of any SPI"),
        ('scl = "PB8"', 'scl = "PB5"', "[[device]] camera: PB5 cannot be scl of any I2C"),
        ('miso = "PA6"', 'miso = "PC11"', "belong to different SPIs (sck PA5: SPI1, miso PC11:"),
        ('sda = "PB9"', 'sda = "PB11"', "belong to different I2Cs (scl PB8: I2C1, sda PB11: I2C2)"),
        ('tx = "PA2"', 'tx = "PB0"', "[terminal]: PB0 cannot be tx of any UART"),
        ('power = "PC7"', 'power = "PC14"', "PC14 belongs to the crystal of lse_hz"),
        ("lit = 1", "lit = 2", "[[led]] LD2: lit is 2, not 0 or 1"),
        ('chip = "stm32l476rg"', 'chip = "stm32l999"', "chip 'stm32l999' is unknown; there are"),
        ('name = "B1"', 'nmae = "B1"', "[[button]] 1: nmae is unknown, name is known"),
        ("[limits]", "[limit]", "limit is unknown, limits is known"),
        ("decision_cycles = ", 'decision_cycles = "x" # 16', "[limits]: decision_cycles is 'x'"),
        ("[terminal]", "[[terminal]]", "terminal is not a table"),
        ("[[button]]", "[button]", "button is not a list of tables"),
        ('power = "PC7"', "power = 7", "[[device]] camera: power is 7, not a pin of the chip"),
    ],
)
def test_a_fault_is_named_with_its_place_and_the_reason(
    old: str, new: str, said: str, complaint: Complaint
) -> None:
    assert said in complaint(L476, (old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cs = "GPIO10"', 'cs = "GPIO12"', "GPIO12 is not free: it is wired to the flash"),
        ('cs = "GPIO10"', 'cs = "GPIO22"', "ESP32-C3 has no pin 'GPIO22'; it has GPIO0..GPIO11"),
        ('cs = "GPIO10"', 'cs = "GPIO9"', "GPIO9 is taken twice: by [[button]] BOOT (button)"),
        ("hse_hz = 40_000_000", "hse_hz = 0", "ESP32-C3 does not run without hse_hz"),
        ("hse_hz = 40_000_000", "hse_hz = 26_000_000", "ESP32-C3 takes 40,000,000 Hz"),
    ],
)
def test_the_esp32c3_has_rules_of_its_own(
    old: str, new: str, said: str, complaint: Complaint
) -> None:
    assert said in complaint(C3, (old, new))


def test_a_crystal_takes_its_pins(complaint: Complaint) -> None:
    said = complaint(C3, ("lse_hz = 0 ", "lse_hz = 32768 "), ('cs = "GPIO10"', 'cs = "GPIO1"'))
    assert "GPIO1 belongs to the crystal of lse_hz" in said


def test_a_pin_that_a_solder_bridge_joins_to_a_used_one_is_taken(complaint: Complaint) -> None:
    said = complaint(L432, ('scl = "PA9"', 'scl = "PB6"'), ('sda = "PA10"', 'sda = "PB7"'))
    assert "PA6, bridged to PB6, is taken twice: by [[device]] camera (miso)" in said
    assert "PA5, bridged to PB7, is taken twice: by [[device]] camera (sck)" in said


def test_boot0_is_not_free(complaint: Complaint) -> None:
    assert "PH3 is not free: it is BOOT0" in complaint(L432, ('power = "PA8"', 'power = "PH3"'))


def test_all_faults_and_missing_keys_come_in_one_message(complaint: Complaint) -> None:
    said = complaint(
        'title = "Mine"\nchip = "stm32l476rg"\n[terminal]\ntx = "PZ99"\nrx = "PA3"\n'
        '[[device]]\ntype = "arducam_ov2640"\nname = "camera"\nsck = "PA5"\n'
    )
    for missing in (
        "[clocks] is missing (lse_hz, hse_hz)",
        "[firmware] is missing (environment, sleep_state)",
        "[terminal]: baud is missing",
        "[[device]] camera: power is missing",
        "[[device]] camera: sda is missing",
        "has no pin 'PZ99'",
    ):
        assert missing in said


def test_parts_may_share_a_bus_but_not_a_chip_select(tmp_path: Path, complaint: Complaint) -> None:
    second = L476[L476.index("[[device]]") : L476.index("[firmware]")].replace(
        '"camera"', '"second"'
    )
    own_select = second.replace('cs = "PB6"', 'cs = "PB10"')
    path = tmp_path / "two.toml"
    path.write_text(L476 + own_select)
    assert [part.name for part in load(str(path)).parts] == ["camera", "second"]
    assert "PB6 is taken twice" in complaint(L476 + second)
    assert "two [[device]] are called 'camera'" in complaint(
        L476 + own_select.replace('"second"', '"camera"')
    )


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("title = ")
    with pytest.raises(FacetError, match="cannot be read as a board"):
        load(str(path))


def test_a_file_that_cannot_be_opened_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(FacetError) as refusal:
        load(str(tmp_path / "folder.toml"))
    path = tmp_path / "folder.toml"
    assert str(refusal.value) == f"{path} cannot be read as a board: Is a directory"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "marked.toml"
    path.write_text("\ufeff" + L476, encoding="utf-8")
    assert load(str(path)).chip == "stm32l476rg"


@pytest.mark.parametrize("name", names())
def test_the_boards_of_the_project_are_taken(name: str) -> None:
    assert load(name).name == name


def test_the_page_explains_every_key() -> None:
    page = (PROJECT / "docs" / "board-file.md").read_text()
    keys = [*TOP, *(key for keys in PART_KEYS.values() for key in keys)]
    for section in SECTIONS:
        assert f"`{section.title}`" in page
        keys += section.keys
    for key in keys:
        assert re.search(rf"`{key}`", page), key
