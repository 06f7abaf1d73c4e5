"""The CRC unit against known check values."""

from __future__ import annotations

import binascii
import zlib

from facet.chip.stm32l4.crc import Crc
from tests.chip.fakes import FakeChip, Firmware

CHECK = b"123456789"
RESET, SIZE_16, SIZE_8, SIZE_7 = 1, 1 << 3, 2 << 3, 3 << 3
REVERSE_BYTES, REVERSE_WORDS, REVERSE_OUT = 1 << 5, 3 << 5, 1 << 7


def unit(cr: int, init: int = 0xFFFF_FFFF, pol: int = 0x04C1_1DB7) -> Firmware:
    firmware = Firmware(Crc("CRC", 0x4002_3000, FakeChip()))
    firmware.write("INIT", init)
    firmware.write("POL", pol)
    firmware.write("CR", cr | RESET)
    return firmware


def feed(firmware: Firmware, data: bytes) -> int:
    for byte in data:
        firmware.write("DR", byte, size=1)
    return firmware.read("DR")


def test_ethernet_crc_of_bytes_equals_that_of_zlib() -> None:
    crc = feed(unit(REVERSE_BYTES | REVERSE_OUT), CHECK)
    assert crc ^ 0xFFFF_FFFF == zlib.crc32(CHECK) == 0xCBF4_3926


def test_words_are_processed_from_the_most_significant_bit() -> None:
    firmware = unit(0)
    firmware.write("DR", 0x31323334)
    assert firmware.read("DR") == feed(unit(0), b"1234")
    halves = unit(0)
    halves.write("DR", 0x3132, size=2)
    halves.write("DR", 0x3334, size=2)
    assert halves.read("DR") == firmware.read("DR")


def test_words_may_be_reversed_as_a_whole() -> None:
    firmware = unit(REVERSE_WORDS | REVERSE_OUT)
    firmware.write("DR", int.from_bytes(b"1234", "little"))
    assert firmware.read("DR") ^ 0xFFFF_FFFF == zlib.crc32(b"1234")


def test_sixteen_bit_polynomial() -> None:
    assert feed(unit(SIZE_16, init=0, pol=0x1021), CHECK) == binascii.crc_hqx(CHECK, 0) == 0x31C3


def test_small_polynomials() -> None:
    assert feed(unit(SIZE_8, init=0, pol=0x07), CHECK) == 0xF4  # CRC-8/SMBUS
    assert feed(unit(SIZE_7, init=0, pol=0x09), CHECK) == 0x75  # CRC-7/MMC


def test_reset_starts_again_from_init() -> None:
    firmware = unit(0)
    feed(firmware, CHECK)
    firmware.write("CR", RESET)
    assert firmware.read("DR") == 0xFFFF_FFFF
    assert firmware.read("CR") == 0
