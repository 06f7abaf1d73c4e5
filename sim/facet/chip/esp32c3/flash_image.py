"""What the ESP32-C3's flash may begin with, and where a programmer puts what.

The ROM starts a flash that begins with the direct-boot header (esp32c3-direct-boot-example) or with
an image of esptool's format, as a second-stage bootloader is.
"""

from __future__ import annotations

from facet.chip.esp32c3 import bootloader, efuse, esp_image, partition_table
from facet.chip.esp32c3.esp_image import EspImage, in_flash, in_ram
from facet.chip.esp32c3.memory_map import (
    DROM_BASE,
    FLASH_BASE,
    FLASH_SIZE,
    FLASH_WINDOW_SIZE,
    IROM_BASE,
)
from facet.errors import FacetError
from facet.firmware.elf import Firmware, Segment
from facet.firmware.flat import FlatImage, refused
from facet.firmware.placement import Placement, RamStart

DIRECT_BOOT_MAGIC = bytes.fromhex("1d04dbae") * 2  # 0xaedb041d, twice
_BOOTLOADER_NOTE = (
    "the application came without a second-stage bootloader: Facet's own stands at offset 0, a "
    f"partition table at {partition_table.OFFSET:#x}, the application at "
    f"{partition_table.APPLICATION_OFFSET:#x}"
)


def place(firmware: Firmware | FlatImage) -> Placement:
    """Where the bytes of a firmware go.

    Raises:
        FacetError: the ROM would not start it, or it does not fit.
    """
    if isinstance(firmware, FlatImage):
        return _place_flat(firmware)
    if in_ram(firmware.entry) and all(in_ram(segment.address) for segment in firmware.segments):
        return _place_in_ram(firmware)
    boots_directly = _boots_directly(firmware)
    if not boots_directly and all(
        in_ram(segment.address) or in_flash(segment.address) for segment in firmware.segments
    ):
        return _place_application_elf(firmware)
    flash = [Segment(flash_address(segment.address), segment.data) for segment in firmware.segments]
    if not boots_directly:
        raise FacetError(
            f"{firmware.path} has no direct-boot header: the ESP32-C3's ROM starts flash that "
            f"begins with 0xaedb041d twice; link the two words at {IROM_BASE:#010x}, or give the "
            "image that esptool elf2image makes of it"
        )
    return Placement(flash)


def flash_address(load_address: int) -> int:
    """Where a programmer puts what an ELF file wants loaded at `load_address`.

    Load addresses are offsets in the flash, as Espressif's example links them, or lie in one of the
    windows through which the CPU sees the flash.

    Raises:
        FacetError: `load_address` is not in the flash.
    """
    for base, size in (
        (0, FLASH_SIZE),
        (DROM_BASE, FLASH_WINDOW_SIZE),
        (IROM_BASE, FLASH_WINDOW_SIZE),
    ):
        if base <= load_address < base + size:
            return FLASH_BASE + load_address - base
    raise FacetError(
        f"the image wants bytes loaded at {load_address:#010x}, which is not in the flash: "
        "direct boot loads nothing into RAM; give such sections a load address in flash (AT>) "
        "and copy them in the start-up code"
    )


def _boots_directly(firmware: Firmware) -> bool:
    """Whether the flash begins with the direct-boot header."""
    for segment in firmware.segments:
        if not in_ram(segment.address) and flash_address(segment.address) == FLASH_BASE:
            return segment.data.startswith(DIRECT_BOOT_MAGIC)
    return False


def _place_in_ram(firmware: Firmware) -> Placement:
    note = (
        f"the program is for RAM: it is written there over the ROM's download mode, as esptool "
        f"load-ram does, and started at {firmware.entry:#010x}; the flash is empty, so that a "
        "reset ends it"
    )
    return Placement([], RamStart(firmware.segments, firmware.entry), [note])


def _place_application_elf(firmware: Firmware) -> Placement:
    try:
        image = esp_image.make(firmware.run_segments, firmware.entry)
        header = esp_image.read(image)
    except FacetError as error:
        raise FacetError(f"{firmware.path}: the image of this ELF file is wrong: {error}") from None
    placement = _with_bootloader(firmware, image, header)
    made = "the ELF file was made an image as esptool elf2image does"
    return Placement(placement.flash, notes=[made, *placement.notes])


def _place_flat(firmware: FlatImage) -> Placement:
    data = firmware.data
    if len(data) > FLASH_SIZE:
        raise FacetError(
            f"{firmware.path} has {len(data):,} bytes, more than the flash: {FLASH_SIZE:,}"
        )
    if data.startswith(DIRECT_BOOT_MAGIC):
        return Placement([Segment(FLASH_BASE, data)])
    if data[:1] != bytes([esp_image.MAGIC]):
        raise refused(
            firmware,
            "the ESP32-C3's ROM starts flash that begins with 0xaedb041d twice (direct boot) or "
            f"with 0xe9 (esptool's images), this begins with {data[:8].hex(' ') or 'nothing'}",
        )
    try:
        image = esp_image.read(data)
    except FacetError as error:
        raise refused(firmware, f"it is an image of esptool's, but {error}") from None
    if not image.is_application:
        return Placement([Segment(FLASH_BASE, data)])
    if not image.digest_is_right:
        raise refused(
            firmware, "its SHA-256 digest is not that of its bytes, and no bootloader takes it"
        )
    if not image.least_revision <= efuse.REVISION <= image.most_revision:
        raise refused(
            firmware,
            f"its header asks for a chip of revision {_revisions(image)}, and the board has "
            f"{_revision(efuse.REVISION)}",
        )
    return _with_bootloader(firmware, data, image)


def _revision(number: int) -> str:
    return f"v{number // 100}.{number % 100}"


def _revisions(image: EspImage) -> str:
    least, most = _revision(image.least_revision), _revision(image.most_revision)
    return (
        f"{least} or later"
        if image.most_revision == esp_image.ANY_REVISION
        else f"{least} to {most}"
    )


def _with_bootloader(firmware: Firmware | FlatImage, data: bytes, image: EspImage) -> Placement:
    """An application behind a bootloader that reads the flash as the application's header says."""
    room = FLASH_SIZE - partition_table.APPLICATION_OFFSET
    if len(data) > room:
        raise FacetError(
            f"{firmware.path} makes an image of {len(data):,} bytes, and the flash has {room:,} "
            f"for it from {partition_table.APPLICATION_OFFSET:#x} on"
        )
    flash = {
        0: bootloader.image(image.flash_mode, image.flash_size_clock),
        partition_table.OFFSET: partition_table.single_application(len(data)),
        partition_table.APPLICATION_OFFSET: data,
    }
    segments = [Segment(FLASH_BASE + offset, part) for offset, part in flash.items()]
    return Placement(segments, notes=[_BOOTLOADER_NOTE])
