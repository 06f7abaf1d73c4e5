"""Images of esptool's format, which the ROM and second-stage bootloaders load.

Source: esptool's documentation, "Firmware Image Format" and "elf2image"; ESP-IDF Programming Guide,
"App Image Format".
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from facet.chip.esp32c3.memory_map import (
    DROM_BASE,
    FLASH_WINDOWS,
    IROM_BASE,
    RTC_FAST_BASE,
    RTC_FAST_SIZE,
    SRAM1_ALIAS,
    SRAM1_BASE,
    SRAM1_SIZE,
)
from facet.errors import FacetError
from facet.firmware.elf import Segment

MAGIC = 0xE9
FLASH_DIO, FLASH_4MB_80MHZ = 2, 0x2F
"""How the flash is read, and its size and clock, as Espressif's tools set them by default."""

ANY_REVISION = 0xFFFF
"""The highest revision in the header of an image that has no limit."""

_CHIP_ID = 5
_CHIPS = {0: "ESP32", 2: "ESP32-S2", 9: "ESP32-S3", 12: "ESP32-C2", 13: "ESP32-C6", 16: "ESP32-H2"}
_HEADER = struct.Struct("<BBBBIB3sHBHH4sB")
_NO_WP_PIN = 0xEE
_SEGMENT = struct.Struct("<II")
_CHECKSUM_SEED = 0xEF
_LINE = 16  # the checksum is the last byte of a line
_DIGEST_BYTES = 32
_PAGE = 64 << 10
_MOST_SEGMENTS = 16
_RAMS = (
    # Memory, and where the same bytes lie on the data bus.
    (range(SRAM1_BASE, SRAM1_BASE + SRAM1_SIZE), SRAM1_BASE),
    (range(SRAM1_ALIAS, SRAM1_ALIAS + SRAM1_SIZE), SRAM1_BASE),
    (range(RTC_FAST_BASE, RTC_FAST_BASE + RTC_FAST_SIZE), RTC_FAST_BASE),
)


def in_flash(address: int) -> bool:
    """Whether an address lies in a window through which the core sees the flash."""
    return any(address in window for window in FLASH_WINDOWS)


def in_ram(address: int) -> bool:
    """Whether an address lies in a memory that loses its bytes when the power goes."""
    return any(address in ram for ram, _ in _RAMS)


@dataclass(frozen=True)
class EspImage:
    """An image that was read and whose checksum is right.

    Attributes:
        entry: address of its first instruction.
        least_revision, most_revision: of the chip, as 100 * major + minor.
        flash_mode, flash_size_clock: the header's bytes on how the flash is read.
        segments: its segments, by address.
        digest_is_right: whether its SHA-256 digest is; True where it has none.
    """

    entry: int
    flash_mode: int
    flash_size_clock: int
    segments: list[Segment]
    digest_is_right: bool
    least_revision: int
    most_revision: int

    @property
    def is_application(self) -> bool:
        """Whether it needs a second-stage bootloader: a part of it is mapped, not loaded."""
        return any(in_flash(segment.address) for segment in self.segments)


def read(data: bytes) -> EspImage:
    """Reads an image.

    Args:
        data: from its first byte on; may go on behind it.

    Raises:
        FacetError: it is cut short, damaged, or for another chip; the text ends a sentence.
    """
    if len(data) < _HEADER.size:
        raise FacetError(f"its header has {len(data)} of {_HEADER.size} bytes")
    _, count, mode, size_clock, entry, *_, chip, _, least, most, _, hashed = _HEADER.unpack_from(
        data
    )
    if chip != _CHIP_ID:
        name = _CHIPS.get(chip, "another chip")
        raise FacetError(
            f"its header says chip {chip} ({name}), the board has an ESP32-C3 ({_CHIP_ID})"
        )
    _check_count(count)
    at, segments, offsets = _HEADER.size, [], []
    for number in range(count):
        if at + _SEGMENT.size > len(data):
            raise FacetError(f"it ends before its segment {number} of {count}")
        address, size = _SEGMENT.unpack_from(data, at)
        at += _SEGMENT.size
        if at + size > len(data):
            raise FacetError(
                f"its segment {number} for {address:#010x} has {size} bytes, the file only "
                f"{len(data) - at} more"
            )
        if size % 4:
            raise FacetError(
                f"its segment {number} for {address:#010x} has {size} bytes, which are not words"
            )
        segments.append(Segment(address, data[at : at + size]))
        offsets.append(at)
        at += size
    at |= _LINE - 1
    if at >= len(data):
        raise FacetError("it ends before its checksum")
    wanted = _checksum(segments)
    if data[at] != wanted:
        raise FacetError(f"its checksum is {data[at]:#04x} where its segments make {wanted:#04x}")
    _check_places(segments)
    _check_pages(segments, offsets)
    stored = data[at + 1 : at + 1 + _DIGEST_BYTES]
    if hashed and len(stored) < _DIGEST_BYTES:
        raise FacetError("it ends within its SHA-256 digest")
    right = not hashed or stored == hashlib.sha256(data[: at + 1]).digest()
    return EspImage(entry, mode, size_clock, segments, right, least, most or ANY_REVISION)


def _check_count(count: int) -> None:
    if not 0 < count <= _MOST_SEGMENTS:
        raise FacetError(f"it has {count} segments, and the ROM takes 1 to {_MOST_SEGMENTS}")


def _check_places(segments: Sequence[Segment]) -> None:
    """Raises FacetError where a segment lies outside of the memories or over another one."""
    taken: list[tuple[range, int]] = []
    for number, segment in enumerate(segments):
        size = len(segment.data)
        if not size or not segment.address:  # address 0: padding
            continue
        place = _place(segment)
        if place is None:
            raise FacetError(
                f"its segment {number} puts {size} bytes at {segment.address:#010x}, where the "
                "ESP32-C3 has no memory for them"
            )
        for other, other_number in taken:
            if place.start < other.stop and other.start < place.stop:
                raise FacetError(
                    f"its segments {other_number} and {number} overlap: both have bytes for "
                    f"{segment.address + max(0, other.start - place.start):#010x}"
                )
        taken.append((place, number))


def _place(segment: Segment) -> range | None:
    """The addresses of a segment, on the data bus where it is in RAM; None outside of memories."""
    first, last = segment.address, segment.address + len(segment.data) - 1
    for ram, base in _RAMS:
        if first in ram and last in ram:
            return range(first - ram.start + base, last - ram.start + base + 1)
    for window in FLASH_WINDOWS:
        if first in window and last in window:
            return range(first, last + 1)
    return None


def _check_pages(segments: Sequence[Segment], offsets: Sequence[int]) -> None:
    """Raises FacetError where the cache's page table cannot map the segments in flash.

    Code and data at the same distance from the beginning of their windows share an entry of it.
    """
    entries: dict[int, tuple[int, int]] = {}  # entry -> page of the flash, segment
    for number, (segment, offset) in enumerate(zip(segments, offsets, strict=True)):
        if not in_flash(segment.address) or not segment.data:
            continue
        if (segment.address - offset) % _PAGE:
            raise FacetError(
                f"its segment {number} for {segment.address:#010x} is not where a page of the "
                f"flash can be mapped: their last {_PAGE.bit_length() - 1} bits differ"
            )
        window = IROM_BASE if segment.address >= IROM_BASE else DROM_BASE
        first = (segment.address - window) // _PAGE
        count = (offset % _PAGE + len(segment.data) - 1) // _PAGE + 1
        for distance in range(count):
            page = offset // _PAGE + distance
            known, other = entries.setdefault(first + distance, (page, number))
            if known != page:
                raise FacetError(
                    f"its segments {other} and {number} need different pages of the flash in entry "
                    f"{first + distance} of the cache's page table"
                )


def make(
    segments: Sequence[Segment],
    entry: int,
    flash_mode: int = FLASH_DIO,
    flash_size_clock: int = FLASH_4MB_80MHZ,
) -> bytes:
    """Makes an image, as ``esptool elf2image`` does.

    Args:
        segments: what to load or, at addresses of the flash's windows, to map.
        entry: address of the first instruction.
        flash_mode, flash_size_clock: the header's bytes on how the flash is read.

    Raises:
        FacetError: there are too many segments; the text ends a sentence.
    """
    body = bytearray()
    count = 0
    for segment in (
        *_joined(segment for segment in segments if in_flash(segment.address)),
        *(segment for segment in segments if not in_flash(segment.address)),
    ):
        data_at = _HEADER.size + len(body) + _SEGMENT.size
        if in_flash(segment.address) and (gap := (segment.address - data_at) % _PAGE):
            body += _packed(Segment(0, bytes((gap - _SEGMENT.size) % _PAGE)))
            count += 1
        body += _packed(segment)
        count += 1
    _check_count(count)
    image = _HEADER.pack(
        *(MAGIC, count, flash_mode, flash_size_clock, entry, _NO_WP_PIN, bytes(3)),
        *(_CHIP_ID, 0, 0, ANY_REVISION, bytes(4), 1),
    )
    image += body
    image += bytes(_LINE - 1 - len(image) % _LINE) + bytes([_checksum(segments)])
    return image + hashlib.sha256(image).digest()


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Segments to be mapped, those of one page joined: each page comes from one place."""
    joined: list[Segment] = []
    for segment in sorted(segments, key=lambda each: each.address):
        if joined:
            last = joined[-1]
            end = last.address + len(last.data)
            if segment.address // _PAGE == (end - 1) // _PAGE:
                gap = bytes(segment.address - end)
                joined[-1] = Segment(last.address, last.data + gap + segment.data)
                continue
        joined.append(segment)
    return joined


def _packed(segment: Segment) -> bytes:
    data = segment.data + bytes(-len(segment.data) % 4)
    return _SEGMENT.pack(segment.address, len(data)) + data


def _checksum(segments: Sequence[Segment]) -> int:
    """All bytes of the segments, by exclusive or."""
    value = _CHECKSUM_SEED
    for segment in segments:
        value ^= int(np.bitwise_xor.reduce(np.frombuffer(segment.data, np.uint8), initial=0))
    return value
