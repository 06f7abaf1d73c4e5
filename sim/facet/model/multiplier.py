"""The fixed-point multipliers of TensorFlow Lite's integer kernels, and what may overflow in them.

A kernel multiplies a 32-bit sum by a real number that it holds as significand / 2^31 * 2^shift
(`QuantizeMultiplier`, quantization_util.cc). A shift above 0 is carried out on the sum before the
multiplication, in 32 bits (`MultiplyByQuantizedMultiplier`, kernels/internal/common.h).
"""

from __future__ import annotations

import math
import struct
from typing import Final

LARGEST_INT32: Final = 2**31 - 1

_ZERO_POINTS: Final = 256
"""What the kernels add to a product afterwards: a zero point, with room to spare."""


def float32(value: float) -> float:
    """The nearest number that 32 bits hold; infinite above the largest."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def shift_of(real: float) -> int:
    """The shift of a real multiplier, which must be finite and not negative.

    As `QuantizeMultiplier` computes it: a multiplier below 2^-32 becomes 0, with a shift of 0.
    """
    if real == 0:
        return 0
    fraction, shift = math.frexp(real)
    if math.floor(fraction * 2**31 + 0.5) == 2**31:
        shift += 1
    return 0 if shift < -31 else shift


def overflows(largest_sum: int, real: float) -> bool:
    """Whether the product of a sum and a multiplier may leave 32 bits in an intermediate step.

    Args:
        largest_sum: of all sums that can occur, the largest magnitude.
        real: the multiplier.
    """
    if not math.isfinite(real) or largest_sum > LARGEST_INT32 - _ZERO_POINTS:
        return True
    left = max(shift_of(real), 0)
    return left > 30 or largest_sum << left > LARGEST_INT32 - _ZERO_POINTS
