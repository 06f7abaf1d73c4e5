"""From accumulators to int8: scaled, rounded as TFLite rounds, offset and clamped."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from models.int8.fixed_point import Int64s, Multiplier

Int8s = npt.NDArray[np.int8]

_BLOCK: Final = 1 << 15
"""Accumulators at a time: 256 KiB as float64, which stays in a core's cache."""


class Requantizer:
    """What a convolution does with its sums, by channel.

    In float64 where that gives the same as TFLite's integers for every sum, which is found out
    here; else with the integers, several times slower. Both are steps that rise with the sum, so
    they are the same everywhere if they rise to each output at the same sum.

    Args:
        multiplier: for each channel.
        bias: int32 for each channel; the sums that are given lack it.
        zero_point: of the output.
        low, high: the activation's bounds, int8.
    """

    def __init__(
        self, multiplier: Multiplier, bias: Int64s, zero_point: int, low: int, high: int
    ) -> None:
        self._multiplier = multiplier
        self._bias = bias
        self._zero_point = zero_point
        self._low, self._high = low, high
        factor = np.ldexp(multiplier.significand.astype(np.float64), multiplier.shift - 31)
        # floor(x + h) rounds once as the two roundings do one after the other, x >= 0: with a
        # right shift by n, h = 1/2 + 2^-(n + 1). For x < 0 they mirror it.
        right = np.maximum(-multiplier.shift, 0)
        half = np.where(right > 0, 0.5 + np.ldexp(0.5, -right), 0.5)
        self._has_negatives = low < zero_point
        # Without negatives: what is below 0 ends at the low bound, however it is rounded.
        offset = bias * factor + (0 if self._has_negatives else half)
        # For several pixels side by side, which makes NumPy's innermost loop long and quick.
        self._pixels = 1 << max(0, 9 - len(bias).bit_length())
        self._factor, self._offset, self._half = (
            np.tile(by_channel, self._pixels) for by_channel in (factor, offset, half)
        )
        self.is_float_exact = bool(np.all(factor > 0)) and self._is_float_exact(factor)

    def __call__(self, sums: npt.NDArray[np.floating]) -> Int8s:
        """int8 of exact sums [..., channels], whole numbers; shape as theirs."""
        channels = sums.shape[-1]
        flat = sums.reshape(-1, channels)
        outputs = np.empty(flat.shape, np.int8)
        rows = max(1, _BLOCK // channels)
        by = self._by_float if self.is_float_exact else self._by_integer
        for i in range(0, len(flat), rows):
            outputs[i : i + rows] = by(flat[i : i + rows])
        return outputs.reshape(sums.shape)

    def _by_float(self, sums: npt.NDArray[np.floating]) -> Int8s:
        channels = sums.shape[-1]
        side_by_side = math.gcd(sums.size // channels, self._pixels) * channels
        x = sums.reshape(-1, side_by_side).astype(np.float64)
        x *= self._factor[:side_by_side]
        x += self._offset[:side_by_side]
        if self._has_negatives:
            x += np.copysign(self._half[:side_by_side], x)
        np.clip(x, self._low - self._zero_point, self._high - self._zero_point, out=x)
        whole = x.astype(np.int16)
        whole += np.int16(self._zero_point)
        return whole.astype(np.int8).reshape(sums.shape)

    def _by_integer(self, sums: npt.NDArray[np.floating] | Int64s) -> Int8s:
        scaled = self._multiplier.times(sums.astype(np.int64) + self._bias) + self._zero_point
        return np.clip(scaled, self._low, self._high).astype(np.int8)

    def _is_float_exact(self, factor: npt.NDArray[np.float64]) -> bool:
        """Whether both ways rise to each output at the same sum, in each channel."""
        steps = np.arange(self._low + 1, self._high + 1) - self._zero_point
        near = np.floor((steps[:, None] - 0.5) / factor).astype(np.int64) - self._bias
        around = near + np.arange(-2, 4)[:, None, None]  # [6, steps, channels]
        exact = self._by_integer(around)
        outputs = (steps + self._zero_point)[:, None]
        brackets = np.all(exact[0] < outputs) and np.all(exact[-1] >= outputs)
        return bool(brackets and np.array_equal(self._by_float(around.astype(np.float64)), exact))
