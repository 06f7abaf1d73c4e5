"""The scaling from pixels to a model's input: the range it was trained on, and its int8 steps.

A model reads real numbers that its training made of the pixels: pixel / 255, the pixels
themselves, pixel / 127.5 - 1, or something with a mean and a standard deviation. Fed with another
range it answers nonsense, and nothing fails. The range is taken from the model's card; without it,
from the span of numbers that the input's scale and zero point can express, which is that of the
pictures that the model was converted with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from facet.model.multiplier import float32
from facet.model.problem import RefusedError
from facet.model.tflite import Tensor

PIXELS: Final = 256
"""Values of a pixel."""

_TOLERANCE: Final = 0.05
"""Share of a range's width by which pictures may leave it (cubic resizing overshoots)."""

_FEWEST_LEVELS: Final = 16
"""Of the int8 levels that all pixels must reach together; fewer mean another range."""


@dataclass(frozen=True)
class PixelRange:
    """The real numbers that a model takes for the pixels 0 to 255.

    A pixel is spread over `low` to `high`; then `mean` is subtracted and `std` divides. Each step
    is one operation on 32-bit floats, as in a training pipeline.
    """

    low: float
    high: float
    mean: float = 0.0
    std: float = 1.0

    @property
    def divisor(self) -> float:
        """The divisor of a pixel: 255 for the range 0 to 1."""
        return float32(255 / (self.high - self.low))

    @property
    def ends(self) -> tuple[float, float]:
        """The real numbers of the pixels 0 and 255, the lower first."""
        first, last = self.real(0), self.real(255)
        return min(first, last), max(first, last)

    def real(self, pixel: int) -> float:
        """The real number that a pixel becomes."""
        value = float32(float32(pixel / self.divisor) + float32(self.low))
        return float32(float32(value - float32(self.mean)) / float32(self.std))

    def steps(self, pixel: int, scale: float) -> int:
        """The number of steps of `scale` from 0 to a pixel, rounded as TensorFlow Lite rounds.

        That is halves away from zero, after a division of 32-bit floats (`AffineQuantize`,
        kernels/internal/reference/quantize.h).
        """
        quotient = float32(self.real(pixel) / scale)
        return math.floor(abs(quotient) + 0.5) * (1 if quotient >= 0 else -1)

    def quantized(self, scale: float, zero_point: int) -> tuple[int, ...]:
        """The int8 value of each pixel 0 to 255 at an input of this scale and zero point."""
        return tuple(
            max(-128, min(127, self.steps(pixel, scale) + zero_point)) for pixel in range(PIXELS)
        )

    def __str__(self) -> str:
        text = f"{self.low:g} to {self.high:g}"
        if (self.mean, self.std) != (0.0, 1.0):
            text += f", less {self.mean:g}, divided by {self.std:g}"
        return text


UNIT: Final = PixelRange(0, 1)
"""pixel / 255, what Facet's own models take."""

KNOWN: Final = (UNIT, PixelRange(0, 255), PixelRange(-1, 1))
"""The ranges that are recognized by an input's scale and zero point."""

_FORMULAS: Final = {"pixel/255": KNOWN[0], "pixel": KNOWN[1], "pixel/127.5-1": KNOWN[2]}
"""The values that a card may have under "input": {"real": ...}."""


def span_of(tensor: Tensor) -> tuple[float, float]:
    """The least and the greatest real number that an int8 tensor can express."""
    scale, zero_point = tensor.scales[0], tensor.zero_points[0]
    return scale * (-128 - zero_point), scale * (127 - zero_point)


def range_of(tensor: Tensor, card: Mapping[str, Any]) -> PixelRange:
    """The range that a model takes.

    Args:
        tensor: the model's input: int8, one scale.
        card: the model's card.

    Raises:
        RefusedError: the card states no range and the input's span is none of the usual ranges; or
            the card's range cannot be what the input was quantized for; or the card is wrong.
    """
    low, high = span_of(tensor)
    recognized = next((r for r in KNOWN if _is_span_of(r, low, high)), None)
    stated = stated_range(card)
    if stated is not None:
        _check_stated(stated, tensor, recognized)
        return stated
    if recognized is None:
        raise RefusedError(
            f"its input spans {low:.4g} to {high:.4g}, and pixels of 0..1, 0..255 or -1..1 do not",
            'say in the card what the pixels 0 and 255 become: {"input": {"range": [0, 1]}}, with'
            ' "mean" and "std" where they are normalized; or convert with pictures of the full'
            " range as the representative data set",
        )
    return recognized


def stated_range(card: Mapping[str, Any]) -> PixelRange | None:
    """The range that a card states; None if it states none.

    Raises:
        RefusedError: it cannot be read, or two statements differ.
    """
    entry = card.get("input", {})
    if not isinstance(entry, Mapping):
        raise _unreadable("input", entry)
    stated = []
    for key, where in (("input_range", card), ("range", entry)):
        if key in where:
            low, high = _two_numbers(key, where[key])
            stated.append(PixelRange(low, high))
    if "real" in entry:
        formula = str(entry["real"]).replace(" ", "")
        if formula not in _FORMULAS:
            raise RefusedError(
                f'the card\'s input "real" is {entry["real"]!r}',
                f"the firmware has {', '.join(_FORMULAS)}; for another range write"
                ' {"input": {"range": [0, 1]}}, with "mean" and "std" where they are normalized',
            )
        stated.append(_FORMULAS[formula])
    if len(set(stated)) > 1:
        raise RefusedError(
            f"the card states two input ranges, {' and '.join(map(str, stated))}", "keep one"
        )
    mean, std = (_number(key, entry.get(key, neutral)) for key, neutral in _NORMALIZATION)
    if std <= 0:
        raise RefusedError(f'the card\'s input "std" is {std:g}', "it must be above 0")
    if not stated:
        return PixelRange(0, 1, mean, std) if {"mean", "std"} & set(entry) else None
    return PixelRange(stated[0].low, stated[0].high, mean, std)


_NORMALIZATION: Final = (("mean", 0.0), ("std", 1.0))


def _is_span_of(pixels: PixelRange, low: float, high: float) -> bool:
    """Whether a quantization's span is that of pictures in a range.

    The pictures may be darker than the range allows, but they use more than half of it.
    """
    width = pixels.high - pixels.low
    slack = _TOLERANCE * width
    if pixels.low == 0:
        reaches_low = abs(low) <= slack
    else:
        reaches_low = pixels.low - slack <= low < pixels.low / 2
    return reaches_low and pixels.high / 2 < high <= pixels.high + slack


def _check_stated(stated: PixelRange, tensor: Tensor, recognized: PixelRange | None) -> None:
    """The range that the card states can be that of the input's quantization."""
    low, high = span_of(tensor)
    scale, zero_point = tensor.scales[0], tensor.zero_points[0]
    clear = (
        f"the card says that pixels become {stated}, and the input spans {low:.4g} to {high:.4g}"
    )
    cure = (
        "correct the card's input range (without one it is taken from the model), or convert with"
        " pictures of that range as the representative data set"
    )
    beyond = sum(
        not -128 <= stated.steps(pixel, scale) + zero_point <= 127 for pixel in range(PIXELS)
    )
    if 2 * beyond >= PIXELS:
        raise RefusedError(f"{clear}: {beyond} of the 256 pixel values lie outside of it", cure)
    levels = len(set(stated.quantized(scale, zero_point)))
    if levels < _FEWEST_LEVELS:
        raise RefusedError(f"{clear}: all pixels would become {levels} of its 256 levels", cure)
    first, last = min(stated.ends[0], 0.0), max(stated.ends[1], 0.0)
    slack = _TOLERANCE * (last - first)
    is_inside = first - slack <= low and high <= last + slack
    if recognized is not None and not is_inside:
        raise RefusedError(f"{clear}, which is that of pixels of {recognized}", cure)


def _unreadable(key: str, value: object) -> RefusedError:
    return RefusedError(
        f'the card\'s "{key}" is {value!r}',
        'an example: {"input": {"range": [0, 1], "mean": 0.5, "std": 0.25}}',
    )


def _two_numbers(key: str, value: object) -> Sequence[float]:
    if not isinstance(value, list) or len(value) != 2:
        raise _unreadable(key, value)
    low, high = (_number(key, number) for number in value)
    if not low < high:
        raise _unreadable(key, value)
    return low, high


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unreadable(key, value)
    number = float(value) if abs(value) < 1e9 else math.inf
    if not math.isfinite(number):
        raise _unreadable(key, value)
    return number
