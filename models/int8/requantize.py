"""From accumulators to int8: scaled, rounded as TFLite rounds, offset and clamped."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.int8.fixed_point import Int64s, Multiplier

Int8s = npt.NDArray[np.int8]
Float32s = npt.NDArray[np.float32]

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
        # floor(x + h) rounds once as the two roundings do one after the other, x >= 0: with a
        # right shift by n, h = 1/2 + 2^-(n + 1). For x < 0 they mirror it.
        self._factor = np.ldexp(multiplier.significand.astype(np.float64), multiplier.shift - 31)
        right = np.maximum(-multiplier.shift, 0)
        self._half = np.where(right > 0, 0.5 + np.ldexp(0.5, -right), 0.5)
        self._float_bias = bias.astype(np.float64)
        self.is_float_exact = self._is_float_exact()

    def __call__(self, sums: Float32s | npt.NDArray[np.float64]) -> Int8s:
        """int8 of exact sums [..., channels], whole numbers; shape as theirs."""
        channels = sums.shape[-1]
        flat = sums.reshape(-1, channels)
        outputs = np.empty(flat.shape, np.int8)
        rows = max(1, _BLOCK // channels)
        for i in range(0, len(flat), rows):
            block = flat[i : i + rows]
            outputs[i : i + rows] = (
                self._by_float(block) if self.is_float_exact else self._by_integer(block)
            )
        return outputs.reshape(sums.shape)

    def _by_float(self, sums: npt.NDArray[np.floating]) -> Int8s:
        x = sums + self._float_bias
        x *= self._factor
        if self._low >= self._zero_point:  # x < 0 ends at the low bound, however it is rounded
            x += self._half
        else:
            x += np.copysign(self._half, x)
        np.clip(x, self._low - self._zero_point, self._high - self._zero_point, out=x)
        return (x.astype(np.int16) + np.int16(self._zero_point)).astype(np.int8)

    def _by_integer(self, sums: npt.NDArray[np.floating] | Int64s) -> Int8s:
        scaled = self._multiplier.times(sums.astype(np.int64) + self._bias) + self._zero_point
        return np.clip(scaled, self._low, self._high).astype(np.int8)

    def _is_float_exact(self) -> bool:
        """Whether both ways rise to each output at the same sum, in each channel."""
        if np.any(self._factor == 0):
            return False
        steps = np.arange(self._low + 1, self._high + 1) - self._zero_point
        near = np.floor((steps[:, None] - 0.5) / self._factor).astype(np.int64) - self._bias
        around = near + np.arange(-2, 4)[:, None, None]  # [6, steps, channels]
        exact = self._by_integer(around)
        outputs = (steps + self._zero_point)[:, None]
        brackets = np.all(exact[0] < outputs) and np.all(exact[-1] >= outputs)
        return bool(brackets and np.array_equal(self._by_float(around.astype(np.float64)), exact))
