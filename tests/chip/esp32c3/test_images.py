"""What `facet run` takes as a firmware of the ESP32-C3: images of esptool, and ELF files."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from facet.board.board import load
from facet.chip.esp32c3 import bootloader, esp_image, flash_image, partition_table
from facet.chip.esp32c3.memory_map import FLASH_BASE, FLASH_SIZE
from facet.errors import FacetError
from facet.firmware.elf import Firmware, Segment
from facet.machine import Machine
from facet.time import ms, s
from tests.chip.esp32c3 import images, programs
from tests.chip.esp32c3.images import needs_esptool

BARE = replace(load("esp32c3_devkitm"), parts=())

IN_FLASH = "here: constant at 0x3c000"
IN_RAM = "here: constant at 0x3fca0"


def application(folder: Path) -> bytes:
    """An image of an application, by Facet's own writer."""
    elf = images.build_application(images.SAYS_WHERE_IT_IS, folder)
    firmware = Firmware(elf, "EM_RISCV", "ESP32-C3")
    return esp_image.make(firmware.run_segments, firmware.entry)


def written(data: bytes, folder: Path) -> Path:
    path = folder / "image.bin"
    path.write_bytes(data)
    return path


def check_application(machine: Machine) -> None:
    machine.run(s(1))
    assert machine.terminal.lines[-1].text.startswith(IN_FLASH)
    assert machine.terminal.text.endswith(", 42, 42\r\n")
    assert machine.diagnostics.violations == []


# -- images of esptool
@needs_esptool
@pytest.mark.parametrize("option", [(), ("--dont-append-digest",)])
def test_an_image_for_ram_is_loaded_by_the_rom(option: tuple[str, ...], tmp_path: Path) -> None:
    elf = images.build_for_ram(images.SAYS_WHERE_IT_IS, tmp_path)
    machine = Machine(BARE, images.image_of(elf, *option))
    machine.run(ms(400))
    assert machine.terminal.lines[-1].text.startswith(IN_RAM)
    assert machine.terminal.text.endswith(", 42, 42\r\n")
    assert machine.notes == []
    assert machine.diagnostics.violations == []


@needs_esptool
def test_an_application_gets_a_bootloader_and_a_partition_table(tmp_path: Path) -> None:
    elf = images.build_application(images.SAYS_WHERE_IT_IS, tmp_path)
    machine = Machine(BARE, images.image_of(elf))
    (note,) = machine.notes
    assert note == (
        "the application came without a second-stage bootloader: Facet's own stands at offset 0, a "
        "partition table at 0x8000, the application at 0x10000"
    )
    check_application(machine)


@needs_esptool
def test_a_merged_image_runs_as_it_is(tmp_path: Path) -> None:
    image = images.image_of(images.build_application(images.SAYS_WHERE_IT_IS, tmp_path))
    parts = {
        0: bootloader.image(esp_image.FLASH_DIO, esp_image.FLASH_4MB_80MHZ),
        partition_table.OFFSET: partition_table.single_application(image.stat().st_size),
        partition_table.APPLICATION_OFFSET: image.read_bytes(),
    }
    arguments: list[str | Path] = []
    for offset, data in parts.items():
        path = tmp_path / f"{offset:x}.bin"
        path.write_bytes(data)
        arguments += [hex(offset), path]
    merged = tmp_path / "merged.bin"
    images.esptool("merge-bin", "-o", merged, *arguments)
    machine = Machine(BARE, merged)
    assert machine.notes == []
    check_application(machine)


@needs_esptool
def test_an_image_that_hides_what_is_not_for_ram_is_started_by_the_rom(tmp_path: Path) -> None:
    elf = images.build_application(
        programs.USES_THE_ROM
        + """
__attribute__((section(".iram"))) void program(void) {
  stop_watchdogs();
  uart_tx_one_char('R'), uart_tx_wait_idle(0);
  for (;;) {}
}
int in_flash(void) { return 1; }
""",
        tmp_path,
    )
    image = images.image_of(elf, "--ram-only-header")
    hidden = len(Firmware(elf, "EM_RISCV", "ESP32-C3").run_segments) - image.read_bytes()[1]
    assert hidden >= 1
    machine = Machine(BARE, image)
    machine.run(ms(400))
    assert machine.terminal.text.endswith("R")
    assert machine.notes == []


@needs_esptool
def test_esptool_finds_our_images_in_order(tmp_path: Path) -> None:
    ours = written(application(tmp_path), tmp_path)
    said = images.esptool("image-info", ours)
    assert "Checksum: " in said
    assert "(valid)" in said
    assert "invalid" not in said.lower()
    theirs = images.image_of(tmp_path / "program.elf")
    assert memory_of(theirs) == memory_of(ours)


def memory_of(image: Path) -> dict[int, int]:
    """What an image puts where, byte by byte; padding left out."""
    return {
        segment.address + offset: byte
        for segment in esp_image.read(image.read_bytes()).segments
        for offset, byte in enumerate(segment.data)
        if segment.address
    }


# -- ELF files
def test_the_elf_file_of_an_application_runs_as_its_image_does(tmp_path: Path) -> None:
    elf = images.build_application(images.SAYS_WHERE_IT_IS, tmp_path)
    machine = Machine(BARE, elf)
    made, with_bootloader = machine.notes
    assert made == "the ELF file was made an image as esptool elf2image does"
    assert "bootloader" in with_bootloader
    check_application(machine)
    again = Machine(BARE, written(application(tmp_path), tmp_path))
    again.run(s(1))
    assert again.terminal.data == machine.terminal.data
    assert again.cycles == machine.cycles


def test_an_application_that_leaves_the_bootloaders_watchdog_alone_is_reset(tmp_path: Path) -> None:
    elf = images.build_application("void program(void) { for (;;) {} }", tmp_path)
    machine = Machine(BARE, elf)
    machine.run(s(9.8))
    assert "rst:0x10 (RTCWDT_RTC_RST)" in machine.terminal.text


@pytest.mark.parametrize("address", [0x1234, 0x3C00_1234, 0x4200_1234])
def test_load_addresses_are_offsets_or_addresses_of_a_window(address: int) -> None:
    assert flash_image.flash_address(address) == FLASH_BASE + 0x1234


@pytest.mark.parametrize("address", [0x3FC8_0000, 0x40_0000, 0x4280_0000])
def test_a_load_address_elsewhere_is_refused(address: int) -> None:
    with pytest.raises(FacetError, match=f"{address:#010x}, which is not in the flash"):
        flash_image.flash_address(address)


# -- what is refused
@pytest.mark.parametrize(
    ("at", "change", "why"),
    [
        (60, b"\xee\xee", "checksum is 0x.. where its segments make 0x.."),
        (12, b"\x09\x00", r"its header says chip 9 \(ESP32-S3\), the board has an ESP32-C3 \(5\)"),
        (12, b"\x63\x00", r"its header says chip 99 \(another chip\)"),
        (1, b"\x10", "it ends before its segment . of 16|its segment . for 0x"),
        (-1, None, "its SHA-256 digest is not that of its bytes, and no bootloader takes it"),
    ],
)
def test_a_damaged_image_is_refused(
    at: int, change: bytes | None, why: str, tmp_path: Path
) -> None:
    data = bytearray(application(tmp_path))
    change = change or bytes([data[at] ^ 1])
    data[at : at + len(change) or None] = change
    with pytest.raises(FacetError, match=why) as refused:
        Machine(BARE, written(bytes(data), tmp_path))
    assert str(refused.value).startswith(str(tmp_path / "image.bin"))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (1, "its header has 1 of 24 bytes"),
        (25, "it ends before its segment 0 of"),
        (64, "its segment 0 for 0x3c000020 has .* bytes, the file only 32 more"),
        (-33, "it ends before its checksum"),
    ],
)
def test_an_image_that_is_cut_short_is_refused(size: int, why: str, tmp_path: Path) -> None:
    with pytest.raises(FacetError, match=why):
        Machine(BARE, written(application(tmp_path)[:size], tmp_path))


RAM = 0x3FC9_0000
CODE = 0x4038_0000


def image_of(*segments: tuple[int, int]) -> bytes:
    """An image of segments: address and size of each."""
    return esp_image.make([Segment(at, bytes(size)) for at, size in segments], CODE)


def laid_out(*segments: tuple[int, int]) -> bytes:
    """An image of segments in this order and without padding, which esptool would insert."""
    body = b"".join(struct.pack("<II", at, size) + bytes(size) for at, size in segments)
    header = bytearray(image_of((CODE, 4))[:24])
    header[1], header[23] = len(segments), 0  # no digest
    data = bytes(header) + body
    return data + bytes(15 - len(data) % 16) + b"\xef"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (image_of((CODE, 64), (0x6000_0000, 64)), "segment 1 puts 64 bytes at 0x60000000, where"),
        (image_of((CODE, 64), (0x3FCD_FFF0, 64)), "segment 1 puts 64 bytes at 0x3fcdfff0, where"),
        (image_of((0x3C7F_FFF0, 64)), "puts 64 bytes at 0x3c7ffff0, where the ESP32-C3 has no"),
        (image_of((CODE, 64), (RAM, 64), (RAM + 60, 8)), "segments 1 and 2 overlap.*0x3fc9003c"),
        # SRAM has two addresses, of which one is for code.
        (image_of((CODE, 64), (0x3FC8_0020, 8)), "segments 0 and 1 overlap.*0x3fc80020"),
        (image_of((CODE, 64), (CODE, 64)), "segments 0 and 1 overlap.*0x40380000"),
        (laid_out((0x3C00_0020, 16), (0x4200_0040, 16)), "segment 1 .* is not where a page"),
        (
            laid_out((0x3C00_0020, 0x1_0000 - 8), (0x4200_0020, 16)),
            "segments 0 and 1 need different pages of the flash in entry 0",
        ),
        (laid_out((CODE, 6)), "segment 0 for 0x40380000 has 6 bytes, which are not words"),
        (laid_out(), "it has 0 segments, and the ROM takes 1 to 16"),
        (laid_out(*[(RAM + 16 * n, 4) for n in range(17)]), "it has 17 segments"),
    ],
)
def test_an_image_whose_segments_cannot_be_loaded_is_refused(
    data: bytes, why: str, tmp_path: Path
) -> None:
    with pytest.raises(FacetError, match=why) as refused:
        Machine(BARE, written(data, tmp_path))
    assert str(refused.value).startswith(str(tmp_path / "image.bin"))
    assert "\n" not in str(refused.value)


def test_an_image_that_ends_within_its_digest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacetError, match="it ends within its SHA-256 digest"):
        Machine(BARE, written(application(tmp_path)[:-1], tmp_path))


@pytest.mark.parametrize(
    ("least", "most", "revisions"),
    [(101, 0xFFFF, "v1.1 or later"), (101, 0, "v1.1 or later"), (0, 3, "v0.0 to v0.3")],
)
def test_an_application_for_another_revision_is_refused(
    least: int, most: int, revisions: str, tmp_path: Path
) -> None:
    data = bytearray(application(tmp_path)[:-32])
    data[15:19] = struct.pack("<HH", least, most)
    data += hashlib.sha256(data).digest()
    with pytest.raises(FacetError, match=f"of revision {revisions}, and the board has v0.4"):
        Machine(BARE, written(bytes(data), tmp_path))


def test_an_elf_file_whose_code_and_constants_share_a_page_is_refused(tmp_path: Path) -> None:
    """Code and data at the same distance in their windows share an entry of the page table."""
    layout = images.APPLICATION.replace("0x42010020", "0x42000020")
    elf = programs.build(images.SAYS_WHERE_IT_IS, tmp_path, layout=layout)
    with pytest.raises(FacetError, match=r"program\.elf: the image of this ELF file is wrong: its"):
        Machine(BARE, elf)


def test_what_is_larger_than_the_flash_is_refused(tmp_path: Path) -> None:
    data = flash_image.DIRECT_BOOT_MAGIC + bytes(FLASH_SIZE)
    with pytest.raises(FacetError, match="4,194,312 bytes, more than the flash: 4,194,304"):
        Machine(BARE, written(data, tmp_path))
    large = esp_image.make([Segment(0x3C00_0020, bytes(FLASH_SIZE - 0x1_0000))], 0x4038_0000)
    with pytest.raises(FacetError, match=r"the flash has 4,128,768 for it from 0x10000 on"):
        Machine(BARE, written(large, tmp_path))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacetError, match="begins with nothing"):
        Machine(BARE, written(b"", tmp_path))


# -- the partition table
def test_the_partition_table_names_the_application_and_has_its_digest() -> None:
    table = partition_table.single_application(0x12_3456)
    assert len(table) == 0xC00
    nvs, phy, factory, digest = (table[at : at + 32] for at in range(0, 128, 32))
    assert nvs[:12] == bytes.fromhex("aa50 01 02 00900000 00600000")
    assert phy[:12] == bytes.fromhex("aa50 01 01 00f00000 00100000")
    assert factory[:12] == bytes.fromhex("aa50 00 00 00000100 00001300")
    assert factory[12:28].rstrip(b"\0") == b"factory"
    assert digest == b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(table[:96]).digest()
    assert set(table[128:]) == {0xFF}
