"""Damaged firmware files: one clear line, or a run without names; never a traceback."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from facet.errors import FacetError
from facet.firmware.elf import Firmware
from facet.firmware.labels import labels_in
from tests.cli import programs


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    return programs.build(programs.FORGOT_A_CLOCK, tmp_path)


def changed(elf: Path, *places: tuple[int, bytes]) -> Path:
    data = bytearray(elf.read_bytes())
    for offset, new in places:
        data[offset : offset + len(new)] = new
    path = elf.with_name("changed.elf")
    path.write_bytes(data)
    return path


def opened(path: Path) -> Firmware | str:
    """The firmware, or the message with which it was refused."""
    try:
        return Firmware(path, "EM_ARM", "stm32l476rg")
    except FacetError as error:
        return str(error)


@pytest.mark.parametrize(
    "places",
    [
        [(4, b"\x02")],  # EI_CLASS: 64 bits
        [(5, b"\x02")],  # EI_DATA: big endian
        [(16, b"\x01\0")],  # e_type: not linked
        [(28, b"\xff\xff\xff\xff")],  # e_phoff: the segments lie beyond the end
        [(28, b"\0\0\0\0")],
        [(42, b"\0\0")],  # e_phentsize
        [(44, b"\xff\xff")],  # e_phnum
        [(44, b"\0\0")],
        [(46, b"\x01\0")],  # e_shentsize
        [(50, b"\xff\xff")],  # e_shstrndx
    ],
)
def test_headers_that_lie(elf: Path, places: list[tuple[int, bytes]]) -> None:
    found = opened(changed(elf, *places))
    if isinstance(found, str):
        assert "changed.elf" in found
        assert "\n" not in found
    else:  # sections are not needed to run
        assert found.segments
        assert str(found.source_line(0x0800_0010))


def test_a_segment_that_is_longer_than_the_file(elf: Path) -> None:
    (offset,) = struct.unpack_from("<I", elf.read_bytes(), 28)
    path = changed(elf, (offset + 16, b"\xff\xff\xff\x7f"))  # p_filesz
    with pytest.raises(FacetError, match="truncated: build it again"):
        Firmware(path, "EM_ARM", "stm32l476rg")


def test_random_damage_is_an_error_or_harmless(elf: Path) -> None:
    whole = elf.read_bytes()
    rng = random.Random(1)
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 4, 40))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = elf.with_name("damaged.elf")
        path.write_bytes(data[: rng.choice((len(data), rng.randrange(len(data))))])
        labels_in(path)
        found = opened(path)
        if isinstance(found, str):
            refused += 1
            assert "damaged.elf" in found
        else:
            found.source_line(0x0800_0010)
            assert isinstance(found.symbols, dict)
    assert 50 < refused < 300


def test_a_firmware_without_debugging_information_runs_without_lines(elf: Path) -> None:
    firmware = Firmware(elf, "EM_ARM", "stm32l476rg")
    assert firmware.source_line(firmware.symbols["reset"].address).file == "program.c"
    data = elf.read_bytes()
    place = data.index(b".debug_line\0")
    stripped = Firmware(changed(elf, (place, b".nothing___")), "EM_ARM", "stm32l476rg")
    assert stripped.source_line(firmware.symbols["reset"].address).function == "reset"
