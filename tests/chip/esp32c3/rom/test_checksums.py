"""The ROM's checksums and digests, held against Python's."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.chip.esp32c3.rom.evaluate import check

TEXT = b"Facet, a face-emotion sensor. " * 9  # more than two blocks of 64 bytes
PRELUDE = f"""
static const uint8_t text[] = "{TEXT.decode()}";
#define SIZE (sizeof text - 1)
static uint8_t digest[32];
static md5_t md5;
static sha_t sha;
static uint64_t big_endian(int at) {{
  uint64_t n = 0;
  for (int i = 0; i < 8; i++) n = n << 8 | digest[at + i];
  return n;
}}
static void hash(int type, uint32_t size) {{
  ets_sha_enable();
  if (ets_sha_init(&sha, type)) return;
  ets_sha_update(&sha, text, size / 3, false);
  ets_sha_update(&sha, text + size / 3, size - size / 3, true);
  ets_sha_finish(&sha, digest);
  ets_sha_disable();
}}
static void md5_of(uint32_t size) {{
  MD5Init(&md5), MD5Update(&md5, text, 5), MD5Update(&md5, text + 5, size - 5);
  MD5Final(digest, &md5);
}}
static void md5_of_two(void) {{
  const uint8_t *pieces[] = {{text, text + 7}};
  const size_t sizes[] = {{7, 13}};
  md5_vector(2, pieces, sizes, digest);
}}
"""


def _reflected(polynomial: int) -> Callable[[int, bytes], int]:
    def update(register: int, data: bytes) -> int:
        for byte in data:
            register ^= byte
            for _ in range(8):
                register = register >> 1 ^ (polynomial if register & 1 else 0)
        return register

    return update


def _straight(polynomial: int, width: int) -> Callable[[int, bytes], int]:
    def update(register: int, data: bytes) -> int:
        for byte in data:
            register ^= byte << width - 8
            for _ in range(8):
                register <<= 1
                if register >> width:
                    register ^= 1 << width | polynomial
        return register

    return update


def test_checksums(tmp_path: Path) -> None:
    """esp_rom_crc.h: the register is inverted before and after."""
    inverted = {width: (1 << width) - 1 for width in (8, 16, 32)}
    check(
        {
            "crc32_le(0, text, SIZE)": zlib.crc32(TEXT),
            "crc32_le(crc32_le(0, text, 10), text + 10, SIZE - 10)": zlib.crc32(TEXT),
            "crc32_be(0, text, SIZE)": _straight(0x04C11DB7, 32)(inverted[32], TEXT) ^ inverted[32],
            "crc16_le(0, text, SIZE)": _reflected(0x8408)(inverted[16], TEXT) ^ inverted[16],
            "crc16_be(0, text, SIZE)": _straight(0x1021, 16)(inverted[16], TEXT) ^ inverted[16],
            "crc8_le(0, text, SIZE)": _reflected(0xE0)(inverted[8], TEXT) ^ inverted[8],
            "crc8_be(0, text, SIZE)": _straight(0x07, 8)(inverted[8], TEXT) ^ inverted[8],
            "esp_crc8(text, 6)": _reflected(0x8C)(0, TEXT[:6]),
            "mz_crc32(0, text, SIZE)": zlib.crc32(TEXT),
            "mz_crc32(0, 0, 0)": 0,
            "mz_adler32(mz_adler32(0, 0, 0), text, SIZE)": zlib.adler32(TEXT),
            # The catalogue's check values over "123456789".
            'crc32_le(0, (void *)"123456789", 9)': 0xCBF4_3926,
            '(uint16_t)~crc16_be(0xFFFF, (void *)"123456789", 9)': 0x31C3,  # XMODEM
            '(uint8_t)~crc8_be(0xFF, (void *)"123456789", 9)': 0xF4,  # SMBUS
            'esp_crc8((void *)"123456789", 9)': 0xA1,  # MAXIM-DOW
        },
        tmp_path,
        prelude=PRELUDE,
    )


def _words(digest: bytes) -> list[int]:
    return [int.from_bytes(digest[at : at + 8], "big") for at in range(0, len(digest) // 8 * 8, 8)]


def test_digests(tmp_path: Path) -> None:
    expected: dict[str, int] = {}
    for call, digest in {
        "md5_of(SIZE)": hashlib.md5(TEXT).digest(),
        "md5_of(55)": hashlib.md5(TEXT[:55]).digest(),
        "md5_of(56)": hashlib.md5(TEXT[:56]).digest(),
        "md5_of_two()": hashlib.md5(TEXT[:20]).digest(),
        "hash(0, SIZE)": hashlib.sha1(TEXT).digest(),
        "hash(1, SIZE)": hashlib.sha224(TEXT).digest(),
        "hash(2, SIZE)": hashlib.sha256(TEXT).digest(),
        "hash(2, 0)": hashlib.sha256(b"").digest(),
        "hash(2, 119)": hashlib.sha256(TEXT[:119]).digest(),
        "hash(2, 120)": hashlib.sha256(TEXT[:120]).digest(),
    }.items():
        first, *others = _words(digest)
        expected[f"({call}, big_endian(0))"] = first
        for number, word in enumerate(others, 1):
            expected[f"big_endian({8 * number}) /* {call} */"] = word
    expected["ets_sha_init(&sha, 3)"] = 1  # no such type
    check(expected, tmp_path, prelude=PRELUDE)
