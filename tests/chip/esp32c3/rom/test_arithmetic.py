"""The ROM's functions of libgcc: whole numbers and floating point without a unit for it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.chip.esp32c3.rom.evaluate import check, run

BITS = """
static uint64_t d(double x) { uint64_t n; memcpy(&n, &x, 8); return n; }
static uint32_t f(float x) { uint32_t n; memcpy(&n, &x, 4); return n; }
#define NAN_D __builtin_nan("")
#define NAN_F __builtin_nanf("")
static uint64_t rest;
static unsigned rest32;
"""


def double(value: float) -> int:
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def single(value: float) -> int:
    return int(struct.unpack("<I", struct.pack("<f", value))[0])


def test_whole_numbers_of_32_bits(tmp_path: Path) -> None:
    check(
        {
            "__mulsi3(-7, 6)": -42,
            "__divsi3(-7, 2)": -3,
            "__udivsi3(0xFFFFFFF9u, 2)": 0x7FFF_FFFC,
            "__modsi3(-7, 2)": -1,
            "__umodsi3(0xFFFFFFF9u, 10)": 0xFFFF_FFF9 % 10,
            "__udiv_w_sdiv(&rest32, 0, 100, 7)": 0,
            "__absvsi2(-5)": 5,
            "__addvsi3(2, -3)": -1,
            "__subvsi3(2, 3)": -1,
            "__mulvsi3(-3, 5)": -15,
            "__negvsi2(7)": -7,
            "__clrsbsi2(-1)": 31,
            "__clzsi2(0xFFFF)": 16,
            "__ctzsi2(0x500)": 8,
            "__ffssi2(0x500)": 9,
            "__ffssi2(0)": 0,
            "__paritysi2(0x7)": 1,
            "__popcountsi2(0xF0F1)": 9,
            "__bswapsi2(0x12345678)": 0x7856_3412,
            '__gcc_bcmp("abc", "abd", 3) < 0': 1,
            '__gcc_bcmp("abc", "abc", 3)': 0,
        },
        tmp_path,
        prelude=BITS,
    )


def test_whole_numbers_of_64_bits(tmp_path: Path) -> None:
    check(
        {
            "__muldi3(-1234567890123ll, 456789)": -1234567890123 * 456789,
            "__divdi3(-1234567890123456789ll, 9876543210ll)": -124999998,
            "__moddi3(-1234567890123456789ll, 9876543210ll)": -8626543209,
            "__udivdi3(-1ull, 10)": 0xFFFF_FFFF_FFFF_FFFF // 10,
            "__umoddi3(-1ull, 10)": 5,
            "__udivmoddi4(-1ull, 1000, &rest)": 0xFFFF_FFFF_FFFF_FFFF // 1000,
            "rest": 0xFFFF_FFFF_FFFF_FFFF % 1000,
            "__ashldi3(0x123456789ll, 36)": 0x1_2345_6789 << 36,
            "__ashldi3(0x123456789ll, 4)": 0x1_2345_6789 << 4,
            "__lshrdi3(0xF23456789ABCDEF0ull, 36)": 0xF234_5678_9ABC_DEF0 >> 36,
            "__lshrdi3(0xF23456789ABCDEF0ull, 0)": 0xF234_5678_9ABC_DEF0,
            "__ashrdi3(-1234567890123456789ll, 36)": -1234567890123456789 >> 36,
            "__ashrdi3(-1234567890123456789ll, 4)": -1234567890123456789 >> 4,
            "__absvdi2(-5ll)": 5,
            "__addvdi3(1ll << 40, -1)": (1 << 40) - 1,
            "__subvdi3(0, 1ll << 40)": -(1 << 40),
            "__mulvdi3(-3, 1ll << 40)": -3 << 40,
            "__negvdi2(1ll << 40)": -(1 << 40),
            "__negdi2(1ll << 40)": -(1 << 40),
            "__clrsbdi2(0)": 63,
            "__clzdi2(1)": 63,
            "__ctzdi2(1ull << 40)": 40,
            "__ffsdi2(1ll << 40)": 41,
            "__popcountdi2(0xF0F000000001ull)": 9,
            "__bswapdi2(0x0102030405060708ull)": 0x0807_0605_0403_0201,
            "__cmpdi2(-1, 1)": 0,
            "__cmpdi2(1, 1)": 1,
            "__ucmpdi2(-1ull, 1)": 2,
        },
        tmp_path,
        prelude=BITS,
    )


def test_floating_point_in_double_precision(tmp_path: Path) -> None:
    a, b = 1234.5678, -0.0321
    check(
        {
            f"d(__adddf3({a!r}, {b!r}))": double(a + b),
            f"d(__subdf3({a!r}, {b!r}))": double(a - b),
            f"d(__muldf3({a!r}, {b!r}))": double(a * b),
            f"d(__divdf3({a!r}, {b!r}))": double(a / b),
            f"d(__negdf2({a!r}))": double(-a),
            "d(__powidf2(1.5, 10))": double(1.5**10),
            "d(__extendsfdf2(0.1f))": double(struct.unpack("<f", struct.pack("<f", 0.1))[0]),
            "d(__floatsidf(-7))": double(-7.0),
            "d(__floatunsidf(0xFFFFFFFFu))": double(4294967295.0),
            "d(__floatdidf(-1234567890123456789ll))": double(float(-1234567890123456789)),
            "d(__floatundidf(-1ull))": double(float(2**64)),
            "__fixdfsi(-2.9)": -2,
            "__fixunsdfsi(4e9)": 4_000_000_000,
            "__fixdfdi(-1e15)": -(10**15),
            "__eqdf2(1, 1)": 0,
            "__nedf2(1, 2) != 0": 1,
            "__gedf2(2, 1) >= 0": 1,
            "__gtdf2(1, 1) > 0": 0,
            "__ledf2(1, 2) <= 0": 1,
            "__ltdf2(NAN_D, 2) < 0": 0,
            "__unorddf2(NAN_D, 1) != 0": 1,
            "d(__real__ __muldc3(1, 2, 3, 4))": double(-5.0),
            "d(__imag__ __divdc3(1, 2, 3, 4))": double(2 / 25),
        },
        tmp_path,
        prelude=BITS,
    )


def test_floating_point_in_single_precision(tmp_path: Path) -> None:
    check(
        {
            "f(__addsf3(1.5f, 0.25f))": single(1.75),
            "f(__subsf3(1.5f, 0.25f))": single(1.25),
            "f(__mulsf3(1.5f, -0.25f))": single(-0.375),
            "f(__divsf3(1.0f, 3.0f))": single(1 / 3),
            "f(__negsf2(1.5f))": single(-1.5),
            "f(__powisf2(1.5f, 3))": single(3.375),
            "f(__truncdfsf2(0.1))": single(0.1),
            "f(__floatsisf(-16777217))": single(-16777216.0),
            "f(__floatunsisf(3000000000u))": single(3e9),
            "f(__floatdisf(-(1ll << 40)))": single(-(2.0**40)),
            "f(__floatundisf(1ull << 63))": single(2.0**63),
            "__fixsfsi(-2.9f)": -2,
            "__fixunssfsi(4e9f)": 4_000_000_000,
            "__fixsfdi(-1e10f)": -10_000_000_000,
            "__fixunssfdi(1e10f)": 10_000_000_000,
            "__eqsf2(1, 1)": 0,
            "__nesf2(1, 2) != 0": 1,
            "__gesf2(2, 1) >= 0": 1,
            "__gtsf2(1, 1) > 0": 0,
            "__lesf2(1, 2) <= 0": 1,
            "__ltsf2(NAN_F, 2) < 0": 0,
            "__unordsf2(NAN_F, 1) != 0": 1,
            "f(__real__ __mulsc3(1, 2, 3, 4))": single(-5.0),
            "f(__imag__ __divsc3(1, 2, 3, 4))": single(2 / 25),
        },
        tmp_path,
        prelude=BITS,
    )


def test_what_was_written_as_code_runs_after_the_cache_was_cleared(tmp_path: Path) -> None:
    """Two instructions, li a0, VALUE and ret, are written to SRAM twice and called."""
    prelude = """
    static int call_after_writing(int value) {
      uint32_t *code = (void *)0x3FC92000;
      code[0] = value << 20 | 0x513, code[1] = 0x8067;
      __clear_cache(code, code + 2);
      __asm volatile(".word 0x100f"); /* fence.i */
      return ((int (*)(void))0x40392000)();
    }
    """
    check({"call_after_writing(5)": 5, "call_after_writing(6)": 6}, tmp_path, prelude=prelude)


@pytest.mark.parametrize("call", ["__addvsi3(0x7FFFFFFF, 1)", "__negvdi2(-1ll << 63)"])
def test_an_overflow_that_is_not_allowed_ends_the_program(call: str, tmp_path: Path) -> None:
    machine = run("", f"  volatile int64_t n = {call}; (void)n;", tmp_path)
    assert [each.rule for each in machine.diagnostics.violations][:1] == ["fault"]
