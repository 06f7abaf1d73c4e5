"""A model that is too large for a board is refused with the memory, the excess and other boards."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from elftools.elf.elffile import ELFFile

from facet.board.board import load
from facet.cli import main
from facet.errors import FacetError
from facet.firmware.build import FirmwareCache
from facet.model.arena import arena_bytes, planning_bytes
from facet.model.bundle import find
from facet.model.card import read_cards
from facet.model.fit import FLASH_VARIES, RAM_VARIES, Room, others_that_hold, read_rooms, why_not
from facet.model.tflite import Model, read_model
from facet.target.simulated import simulate

MODELS = Path(__file__).parent / "models"
ROOMS = {room.name: room for room in read_rooms()}
L432_FLASH_BYTES = 256 << 10


@pytest.fixture
def long(tmp_path: Path) -> Callable[[int], Path]:
    """A model with room to spare behind its last table, which TensorFlow allows."""

    def make(size: int) -> Path:
        model = tmp_path / "long.tflite"
        model.write_bytes((MODELS / "gap.tflite").read_bytes().ljust(size, b"\0"))
        shutil.copy(MODELS / "gap.json", tmp_path / "long.json")
        return model

    return make


@pytest.fixture
def gap() -> Model:
    """A small model: 9,640 bytes, tensors of 13,824."""
    return read_model(MODELS / "gap.tflite")


def number(pattern: str, text: str) -> int:
    found = re.search(pattern.replace("#", "([0-9,]+)"), text)
    assert found is not None, text
    return int(found[1].replace(",", ""))


@pytest.mark.slow
def test_make_sim_reports_in_a_line_what_is_too_small_and_which_board_fits(
    long: Callable[[int], Path], tmp_path: Path
) -> None:
    model = long(L432_FLASH_BYTES)
    result = CliRunner(env={"COLUMNS": None}).invoke(
        main,
        ["sim", "--model", str(model), "--board", "nucleo_l432kc", "--out", str(tmp_path / "out")],
    )
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    lines = result.output.strip().splitlines()
    assert len(lines) == 1, result.output
    assert lines[0].startswith(
        f"facet: {model} does not fit onto NUCLEO-L432KC: it takes 262,144 bytes of flash, and the "
        "program leaves about 188,400 of 262,144: some 73,700 too few; "
        "esp32c3_devkitm and nucleo_l476rg have room for it"
    )


@pytest.mark.slow
def test_the_excess_of_a_model_that_is_too_large_for_the_flash_is_exact(
    long: Callable[[int], Path],
) -> None:
    with pytest.raises(FacetError) as raised:
        FirmwareCache().get(load("nucleo_l432kc"), find(str(long(200_000))))
    message = str(raised.value)
    program = number(
        "it takes 200,000 bytes of flash and the program #, and there are 262,1", message
    )
    assert number(": # too few", message) == 200_000 + program - L432_FLASH_BYTES
    assert "(the largest parts: model_bundle_data 200,000, " in message
    assert message.endswith("esp32c3_devkitm and nucleo_l476rg have room for it")


@pytest.mark.slow
def test_the_excess_of_tensors_that_are_too_large_for_the_ram_is_exact() -> None:
    """The firmware's own planning of the tensors, run with arenas that the chip does not have."""
    model = find(str(MODELS / "wide.tflite"))
    with pytest.raises(FacetError) as raised:
        FirmwareCache().get(load("nucleo_l432kc"), model)
    message = str(raised.value)
    needed = number(
        r"needs # bytes of RAM \(50,688 for the tensors that are alive at once", message
    )
    left = number("SRAM has # of 65,536 left for it", message)
    assert number(": # too few", message) == needed - left
    # 13 tensors, 5 operators, 90 channels with weights and bias: some 3.6 KB of records.
    assert 50_688 + 3_000 < needed < 50_688 + 4_500
    assert message.endswith("esp32c3_devkitm and nucleo_l476rg have room for it")


def test_tensors_that_can_never_fit_are_refused_before_anything_is_built(gap: Model) -> None:
    small = replace(ROOMS["nucleo_l432kc"], ram_name="SRAM", ram=24_576, program_ram=13_576)
    reason = why_not(gap, small)
    assert reason == (
        "its tensors take 13,824 bytes of RAM at once, and the program leaves about 11,000 of "
        "SRAM's 24,576: some 2,800 too few"
    )
    assert why_not(gap, replace(small, ram=24_576 + 2_800)) is None


def test_both_memories_are_named_where_both_are_too_small(gap: Model) -> None:
    tiny = Room("tiny", "Tiny", 32_768, 60_000, "SRAM", 8_192, 4_096)
    reason = why_not(gap, tiny)
    assert reason is not None
    assert "bytes of flash" in reason
    assert "bytes of RAM" in reason


def test_boards_with_room_are_counted_by_what_the_model_needs(gap: Model) -> None:
    rooms = ROOMS.values()
    assert others_that_hold(gap, rooms).count(" and ") == 2
    assert others_that_hold(gap, rooms, 100_000) == "esp32c3_devkitm has room for it"
    assert others_that_hold(gap, rooms, 400_000) == "no board of platforms/ has room for it"


def program_and_arena(board: str, model: str) -> tuple[int, int]:
    """Bytes of flash that the program takes without the model; bytes of the arena."""
    elf = FirmwareCache().get(load(board), find(str(MODELS / f"{model}.tflite")))
    with elf.open("rb") as file:
        sizes = {
            section.name: (section["sh_size"], section["sh_type"] != "SHT_NOBITS")
            for section in ELFFile(file).iter_sections()
            if section["sh_flags"] & 2  # SHF_ALLOC
        }
    program = sum(size for size, in_flash in sizes.values() if in_flash) - sizes[".model"][0]
    return program, sizes[".arena"][0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ROOMS)
def test_the_program_with_every_kernel_takes_what_the_board_files_say(name: str) -> None:
    room = ROOMS[name]
    program, arena = program_and_arena(name, "every")
    assert program <= room.program_flash <= program + 1024
    assert room.arena == arena


@pytest.mark.slow
@pytest.mark.parametrize("name", ROOMS)
def test_the_program_with_the_fewest_kernels_varies_as_stated(name: str) -> None:
    room = ROOMS[name]
    program, arena = program_and_arena(name, "dense")
    assert 0.7 * FLASH_VARIES < room.program_flash - program <= FLASH_VARIES
    assert 0.7 * RAM_VARIES < arena - room.arena <= RAM_VARIES


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gap", "flat", "leaky", "every", "dense", "facet-small"])
@pytest.mark.parametrize("board", ["nucleo_l476rg", "esp32c3_devkitm"])
def test_the_arena_is_computed_to_the_byte(board: str, name: str) -> None:
    """Against the firmware's boot line: TFLite Micro's own count after it has planned."""
    path = str(MODELS / f"{name}.tflite") if (MODELS / f"{name}.tflite").exists() else name
    bundle = find(path)
    boot = simulate(board, FirmwareCache().get(load(board), bundle)).wait_for_boot()
    model = read_model(bundle.tflite)
    short_enums = ROOMS[board].short_enums
    assert boot["arena"] == arena_bytes(model, short_enums)
    assert planning_bytes(model, short_enums) >= arena_bytes(model, short_enums)


def test_the_arena_of_each_trained_model_is_that_of_its_card() -> None:
    for card in read_cards():
        assert arena_bytes(read_model(find(card.name).tflite)) == card.arena_bytes, card.name
