"""The operators, on batches: each is made once from its parameters and called with activations.

Activations are int8 [images, height, width, channels] or [images, values].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from models.int8 import fixed_point
from models.int8.fixed_point import Int64s, Multiplier
from models.int8.requantize import Int8s, Requantizer
from models.int8.window import Window

Kernel = Callable[..., Int8s]
"""From the operator's activations to its output."""

Floats = type[np.float32] | type[np.float64]

_COLUMNS: Final = 1 << 20
"""Numbers of an im2col matrix at a time: 4 MiB as float32."""

_SUMS: Final = 1 << 16
"""Sums of a depthwise convolution at a time, for each tap added to: 256 KiB as float32."""


def float_for(weights: Int8s, zero_point: int) -> Floats:
    """The smaller float type in which a convolution's sums are exact, in whatever order.

    Args:
        weights: [channels, ...].
        zero_point: of the input.
    """
    largest_input = max(127 - zero_point, zero_point + 128)
    by_channel = np.abs(weights.reshape(len(weights), -1).astype(np.int64)).sum(axis=1)
    return np.float32 if by_channel.max() * largest_input <= 1 << 24 else np.float64


class Dense:
    """FULLY_CONNECTED, and what every convolution that sums over channels comes down to.

    Args:
        weights: int8 [outputs, inputs].
        zero_point: of the input.
        requantizer: of the outputs.
    """

    def __init__(self, weights: Int8s, zero_point: int, requantizer: Requantizer) -> None:
        self.float = float_for(weights, zero_point)
        self._weights = np.ascontiguousarray(weights.T.astype(self.float))
        self._zero_point = self.float(zero_point)
        self._requantizer = requantizer

    def __call__(self, activations: Int8s) -> Int8s:
        """Over the last axis, or over more if the weights are more: flattened as TFLite does."""
        inputs = activations.reshape(len(activations), -1, len(self._weights))
        outputs = self.of_real(inputs - self._zero_point)
        return outputs.reshape(len(activations), -1)

    def of_real(self, inputs: npt.NDArray[np.floating]) -> Int8s:
        """Of inputs [..., inputs] less their zero point, in the type ``float``."""
        flat = inputs.reshape(-1, inputs.shape[-1])
        return self._requantizer(flat @ self._weights).reshape(*inputs.shape[:-1], -1)


class Convolution:
    """CONV_2D, as a product of matrices.

    Args:
        weights: int8 [outputs, height, width, inputs].
        window: where they stand.
        zero_point: of the input; the padding's value.
        requantizer: of the outputs.
    """

    def __init__(
        self, weights: Int8s, window: Window, zero_point: int, requantizer: Requantizer
    ) -> None:
        self._dense = Dense(weights.reshape(len(weights), -1), zero_point, requantizer)
        self._window = window
        self._zero_point = self._dense.float(zero_point)
        self._outputs = len(weights)
        self._columns = weights[0].size

    def __call__(self, images: Int8s) -> Int8s:
        """[images, height, width, channels], both."""
        outputs = np.empty((len(images), *self._window.output, self._outputs), np.int8)
        pixels = self._window.output[0] * self._window.output[1]
        some = max(1, _COLUMNS // (pixels * self._columns))
        for i in range(0, len(images), some):
            real = images[i : i + some] - self._zero_point
            outputs[i : i + some] = self._dense.of_real(
                real if self._window.is_pixel else self._im2col(real)
            )
        return outputs

    def _im2col(self, real: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        taps = self._window.taps(self._window.padded(real, 0))
        channels = real.shape[-1]
        shape = (len(real), *self._window.output, self._columns)
        columns = np.empty(shape, real.dtype)
        for i, tap in enumerate(taps):
            columns[..., i * channels : (i + 1) * channels] = tap
        return columns


class DepthwiseConvolution:
    """DEPTHWISE_CONV_2D: each channel by itself, tap by tap.

    Args:
        weights: int8 [height, width, outputs]; output c sees input c // (outputs / inputs).
        window: where they stand.
        zero_point: of the input; the padding's value.
        requantizer: of the outputs.
        multiplier: outputs for each input channel.
    """

    def __init__(
        self,
        weights: Int8s,
        window: Window,
        zero_point: int,
        requantizer: Requantizer,
        multiplier: int,
    ) -> None:
        self._float = float_for(np.moveaxis(weights, -1, 0), zero_point)
        # For a whole row of pixels, which makes NumPy's innermost loop long and quick.
        self._weights = [
            np.tile(tap, window.output[1])
            for tap in weights.reshape(-1, weights.shape[-1]).astype(self._float)
        ]
        self._window = window
        self._zero_point = self._float(zero_point)
        self._requantizer = requantizer
        self._multiplier = multiplier

    def __call__(self, images: Int8s) -> Int8s:
        """[images, height, width, channels], both."""
        pixels = self._window.output[0] * self._window.output[1]
        some = max(1, _SUMS // (pixels * images.shape[-1] * self._multiplier))
        return np.concatenate(
            [self._of_some(images[i : i + some]) for i in range(0, len(images), some)]
        )

    def _of_some(self, images: Int8s) -> Int8s:
        real = images - self._zero_point
        if self._multiplier > 1:
            real = np.repeat(real, self._multiplier, axis=-1)
        padded = self._window.padded(real, 0)
        height, width = self._window.output
        channels = padded.shape[-1]
        sums = np.zeros((len(images), height, width * channels), self._float)
        product = np.empty_like(sums)
        for tap, weights in zip(self._window.taps(padded), self._weights, strict=True):
            np.multiply(_rows(tap), weights, out=product)
            sums += product
        return self._requantizer(sums.reshape(len(images), height, width, channels))


def _rows(tap: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """[n, height, width, channels] as [n, height, width * channels]; a copy only if strided."""
    n, height, width, channels = tap.shape
    return tap.reshape(n, height, width * channels)


class MaxPool:
    """MAX_POOL_2D.

    Args:
        window: what it looks at; padding never wins.
        low, high: the activation's bounds.
    """

    def __init__(self, window: Window, low: int, high: int) -> None:
        self._window = window
        self._bounds = (low, high)

    def __call__(self, images: Int8s) -> Int8s:
        """[images, height, width, channels], both."""
        taps = self._window.taps(self._window.padded(images, -128))
        largest = next(taps).copy()
        for tap in taps:
            np.maximum(largest, tap, out=largest)
        return np.clip(largest, *self._bounds, out=largest)


class AveragePool:
    """AVERAGE_POOL_2D: the mean of the pixels in the image, rounded half away from 0.

    Args:
        window: what it looks at; padding does not count.
        image: the input's height and width.
        low, high: the activation's bounds.
    """

    def __init__(self, window: Window, image: tuple[int, int], low: int, high: int) -> None:
        self._window = window
        self._bounds = (low, high)
        ones = window.padded(np.ones((1, *image, 1), np.int32), 0)
        self._count = np.sum(list(window.taps(ones)), axis=0, dtype=np.int32)

    def __call__(self, images: Int8s) -> Int8s:
        """[images, height, width, channels], both."""
        padded = self._window.padded(images, 0)
        shape = (len(images), *self._window.output, images.shape[-1])
        sums = np.zeros(shape, np.int32)
        for tap in self._window.taps(padded):
            sums += tap
        means = (np.abs(sums) + self._count // 2) // self._count * np.sign(sums)
        return np.asarray(np.clip(means, *self._bounds), np.int8)


class Mean:
    """MEAN over height and width (``firmware/kernel/mean.cc``).

    Args:
        multiplier: scale of the input by the output's.
        pixels: how many are summed.
        input_zero_point, output_zero_point: of the input and of the output.
        output_shape: without the batch.
    """

    def __init__(
        self,
        multiplier: Multiplier,
        pixels: int,
        input_zero_point: int,
        output_zero_point: int,
        output_shape: tuple[int, ...],
    ) -> None:
        # The division is drawn into the factor: as many bits more as it can take.
        bits = min(pixels.bit_length() - 1, 32, 31 + int(multiplier.shift))
        self._multiplier = Multiplier(
            np.asarray((int(multiplier.significand) << bits) // pixels), multiplier.shift - bits
        )
        self._pixels = pixels
        self._input_zero_point = input_zero_point
        self._output_zero_point = output_zero_point
        self._output_shape = output_shape

    def __call__(self, images: Int8s) -> Int8s:
        """[images, height, width, channels] to [images, *output_shape]."""
        sums: Int64s = images.sum(axis=(1, 2), dtype=np.int64)
        means = self._multiplier.times(sums - self._input_zero_point * self._pixels)
        outputs = np.clip(means + self._output_zero_point, -128, 127).astype(np.int8)
        return outputs.reshape(len(images), *self._output_shape)


class Table:
    """An operator of one int8, such as LEAKY_RELU.

    Args:
        outputs: int8, for -128 to 127.
    """

    def __init__(self, outputs: Int8s) -> None:
        self._outputs = np.roll(outputs, 128)  # by the input's bits as uint8

    def __call__(self, activations: Int8s) -> Int8s:
        """Of any shape."""
        return self._outputs.take(activations.view(np.uint8))


class PairTable:
    """An operator of two int8, such as ADD.

    Args:
        outputs: int8 [256, 256] for -128 to 127, the first input's rows.
    """

    def __init__(self, outputs: Int8s) -> None:
        self._outputs = np.roll(outputs, (128, 128), (0, 1)).reshape(-1)

    def __call__(self, first: Int8s, second: Int8s) -> Int8s:
        """Of two of one shape."""
        index = first.view(np.uint8).astype(np.uint16) << 8
        index |= second.view(np.uint8)
        return self._outputs.take(index)


class Softmax:
    """SOFTMAX over the last axis (TFLite's reference/softmax.h).

    Args:
        factor: of a difference of two inputs, to Q5.26.
        least: the smallest difference that counts; what is less is given no share.
    """

    def __init__(self, factor: Multiplier, least: int) -> None:
        differences = np.arange(-255, 1)
        counts = differences >= least
        self._exp = np.where(
            counts,
            fixed_point.exp_of_negative(factor.times(np.where(counts, differences, 0))),
            0,
        )
        self._counts = counts

    def __call__(self, activations: Int8s) -> Int8s:
        """[images, ..., classes], both."""
        inputs = activations.astype(np.int64)
        difference = inputs - inputs.max(axis=-1, keepdims=True) + 255
        exps = self._exp[difference]
        sums = fixed_point.rounding_shift_right(exps, 12).sum(axis=-1, keepdims=True)  # Q12.19
        headroom = 32 - fixed_point.bit_length(sums)
        scale = fixed_point.reciprocal_of_one_plus((sums << headroom) - (1 << 31))
        bits = 12 - headroom + 31 - 8
        share = fixed_point.rounding_shift_right(fixed_point.doubling_high_mul(exps, scale), bits)
        shares = np.clip(share - 128, -128, 127)
        return np.where(self._counts[difference], shares, -128).astype(np.int8)
