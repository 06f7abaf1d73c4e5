"""Where a convolution's or a pooling's window stands on its input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True)
class Window:
    """Height and width of each in pixels.

    Args:
        size: the kernel's.
        stride: from window to window.
        dilation: from tap to tap.
        before, after: padding above and left, below and right.
        output: windows that fit.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]
    output: tuple[int, int]

    @property
    def is_pixel(self) -> bool:
        """One tap on each pixel: a pointwise convolution."""
        return self.size == (1, 1) and self.stride == (1, 1)

    def padded(self, images: npt.NDArray[_Number], fill: int) -> npt.NDArray[_Number]:
        """Images [n, height, width, channels] with the padding around them."""
        (top, left), (bottom, right) = self.before, self.after
        n, height, width, channels = images.shape
        if not any((top, left, bottom, right)):
            return images
        shape = (n, top + height + bottom, left + width + right, channels)
        padded = np.full(shape, fill, images.dtype)
        padded[:, top : top + height, left : left + width] = images
        return padded

    def taps(self, padded: npt.NDArray[_Number]) -> Iterator[npt.NDArray[_Number]]:
        """For each tap of the kernel, row by row, what it sees: views [n, *output, channels]."""
        for row in range(self.size[0]):
            for column in range(self.size[1]):
                rows = self._span(0, row)
                columns = self._span(1, column)
                yield padded[:, rows, columns]

    def _span(self, axis: int, tap: int) -> slice:
        first, stride = tap * self.dilation[axis], self.stride[axis]
        return slice(first, first + (self.output[axis] - 1) * stride + 1, stride)


def window(options: Any, size: tuple[int, int], image: tuple[int, int]) -> Window:
    """The window of an operator's options (schema.fbs) on an image, as TFLite's padding.h does.

    Args:
        options: with ``padding``, strides and, for convolutions, dilation factors.
        size: the kernel's height and width.
        image: the input's height and width.
    """
    stride = (options.strideH, options.strideW)
    dilation = (getattr(options, "dilationHFactor", 1), getattr(options, "dilationWFactor", 1))
    reach = [(s - 1) * d + 1 for s, d in zip(size, dilation, strict=True)]
    if options.padding == 0:  # SAME
        output = [-(-n // s) for n, s in zip(image, stride, strict=True)]
    else:
        output = [-(-(n - r + 1) // s) for n, r, s in zip(image, reach, stride, strict=True)]
    missing = [
        max((o - 1) * s + r - n, 0) for o, s, r, n in zip(output, stride, reach, image, strict=True)
    ]
    (top, left), (bottom, right) = [m // 2 for m in missing], [m - m // 2 for m in missing]
    return Window(size, stride, dilation, (top, left), (bottom, right), (output[0], output[1]))
