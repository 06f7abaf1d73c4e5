"""TFLite's fixed-point arithmetic on int64 arrays, bit for bit.

The rounding is the one of gemmlowp's fixedpoint.h and of TFLite's kernels/internal/common.h and
quantization_util.cc. In names, ``_q26`` says 26 bits after the binary point.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


class Multiplier(NamedTuple):
    """Real factors as significand / 2^31 * 2^shift.

    Args:
        significand: 0, or 2^30 to 2^31 - 1; one, or one for each channel.
        shift: a left shift where positive.
    """

    significand: Int64s
    shift: Int64s

    def times(self, x: Int64s) -> Int64s:
        """``MultiplyByQuantizedMultiplier``: rounded twice, after the product and the shift."""
        high = doubling_high_mul(x << np.maximum(self.shift, 0), self.significand)
        return rounding_shift_right(high, np.maximum(-self.shift, 0))


def multiplier_of(real: npt.ArrayLike) -> Multiplier:
    """``QuantizeMultiplier`` of one real factor or several, none negative."""
    fraction, exponent = np.frexp(np.asarray(real, np.float64))
    significand = np.floor(fraction * (1 << 31) + 0.5).astype(np.int64)
    shift = exponent.astype(np.int64)
    carry = significand == 1 << 31
    significand, shift = np.where(carry, 1 << 30, significand), shift + carry
    tiny = shift < -31
    return Multiplier(np.where(tiny, 0, significand), np.where(tiny, 0, shift))


def doubling_high_mul(a: Int64s, b: npt.ArrayLike) -> Int64s:
    """``SaturatingRoundingDoublingHighMul``: a * b / 2^31 of two int32, rounded half up.

    The one product that saturates, of -2^31 with itself, does not occur here.
    """
    return np.asarray((a * np.asarray(b, np.int64) + (1 << 30)) >> 31)


def rounding_shift_right(x: Int64s, bits: npt.ArrayLike) -> Int64s:
    """``RoundingDivideByPOT``: x / 2^bits, rounded half away from 0."""
    right = np.asarray(bits, np.int64)
    half = (np.int64(1) << right) >> 1
    less = ((x < 0) & (half > 0)).astype(np.int64)
    return np.asarray((x + half - less) >> right)


_ONE_QUARTER_Q26: Final = 1 << 24

_EXP_OF_MINUS_POWER_Q31: Final = {
    24: 1672461947,
    25: 1302514674,
    26: 790015084,
    27: 290630308,
    28: 39332535,
    29: 720401,
    30: 242,
}
"""By the bit of a Q5.26 number that stands for 2^k, k -2 to 4: exp(-2^k) with 31 fraction bits."""


def exp_of_negative(x_q26: Int64s) -> Int64s:
    """gemmlowp's ``exp_on_negative_values``: exp(x), Q0.31, of x <= 0 in Q5.26.

    A polynomial between -1/4 and 0, times exp(-2^k) for each bit that is left.
    """
    in_quarter = (x_q26 & (_ONE_QUARTER_Q26 - 1)) - _ONE_QUARTER_Q26
    result = _exp_in_quarter(in_quarter << 5)
    remainder = in_quarter - x_q26
    for bit, factor in _EXP_OF_MINUS_POWER_Q31.items():
        result = np.where(remainder & (1 << bit), doubling_high_mul(result, factor), result)
    return np.where(x_q26 == 0, (1 << 31) - 1, result)


def _exp_in_quarter(x_q31: Int64s) -> Int64s:
    """exp(x) for -1/4 <= x < 0: the Taylor series around -1/8 up to the fourth power."""
    exp_of_minus_eighth, third = 1895147668, 715827883  # Q0.31
    d = x_q31 + (1 << 28)
    d2 = doubling_high_mul(d, d)
    d3 = doubling_high_mul(d2, d)
    d4_over_4 = rounding_shift_right(doubling_high_mul(d2, d2), 2)
    tail = rounding_shift_right(doubling_high_mul(d4_over_4 + d3, third) + d2, 1)
    return exp_of_minus_eighth + doubling_high_mul(d + tail, exp_of_minus_eighth)


def reciprocal_of_one_plus(x_q31: Int64s) -> Int64s:
    """gemmlowp's ``one_over_one_plus_x_for_x_in_0_1``: 1 / (1 + x), Q0.31, by Newton's method."""
    one_q31, one_q29 = (1 << 31) - 1, 1 << 29
    half_denominator = (x_q31 + one_q31 + 1) >> 1  # rounding half sum; never negative
    x_q29 = 1515870810 + doubling_high_mul(half_denominator, -1010580540)  # 48/17 - 32/17 d
    for _ in range(3):
        error = one_q29 - doubling_high_mul(half_denominator, x_q29)
        x_q29 = x_q29 + _saturated(doubling_high_mul(x_q29, error) << 2)
    return _saturated(x_q29 << 1)


def _saturated(x: Int64s) -> Int64s:
    return np.clip(x, -(1 << 31), (1 << 31) - 1)


def bit_length(x: Int64s) -> Int64s:
    """Bits up to the highest that is set, of numbers 0 to 2^53."""
    return np.frexp(x.astype(np.float64))[1].astype(np.int64)


def round_half_away(x: float) -> int:
    """``TfLiteRound``."""
    return int(math.copysign(math.floor(abs(x) + 0.5), x))
