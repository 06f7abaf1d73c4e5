"""The scaling from pixels to a model's input: the range it was trained on, and its int8 steps.

A model reads real numbers that its training made of the pixels: pixel / 255, the pixels
themselves, pixel / 127.5 - 1, or something with a mean and a standard deviation. Fed with another
range it answers nonsense, and nothing fails. The range is taken from the model's card; without it,
from the span of numbers that the input's scale and zero point can express, which is that of the
pictures that the model was converted with.
"""

from __future__ import annotations

import difflib
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

_MOST_OUTSIDE: Final = 0.1
"""Share of the 256 pixel values that may lie outside of an input's span, where they saturate:
that of pictures for the conversion of which none is quite white or quite black."""

_LEAST_FILLED: Final = 0.75
"""Share of an input's span that a range must fill; a converter makes the span of the numbers that
it sees, so that a wider one is that of another range."""


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
        _check_stated(stated, tensor, recognized, _stated_span(card))
        return stated
    if recognized is None:
        raise RefusedError(
            f"its input spans {low:.4g} to {high:.4g}, and pixels of 0..1, 0..255 or -1..1 do not",
            "say in the card what your training made of the pixels 0 and 255:"
            ' {"input": {"range": [LOW, HIGH]}}, with "mean" and "std" where they are normalized;'
            " or convert with pictures of the full range as the representative data set",
        )
    return recognized


def stated_range(card: Mapping[str, Any]) -> PixelRange | None:
    """The range that a card states; None if it states none.

    Raises:
        RefusedError: it cannot be read, or two statements differ.
    """
    check_card_keys(card)
    entry = card.get("input", {})
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
                ' {"input": {"range": [LOW, HIGH]}}, with "mean" and "std" where they are'
                " normalized",
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

    The pictures may leave the range a little, and almost all pixel values lie in the span.
    """
    slack = _TOLERANCE * (pixels.high - pixels.low)
    is_inside = pixels.low - slack <= low and high <= pixels.high + slack
    outside = sum(not low <= pixels.real(pixel) <= high for pixel in range(PIXELS))
    return is_inside and outside <= _MOST_OUTSIDE * PIXELS


def _check_stated(
    stated: PixelRange,
    tensor: Tensor,
    recognized: PixelRange | None,
    stated_span: tuple[float, float] | None,
) -> None:
    """Refuses a range of the card that cannot be that of the input's quantization.

    Args:
        stated: the range.
        tensor: the input.
        recognized: the usual range whose span the input has.
        stated_span: the span that the card states; where it is the input's, the range need not
            fill it.
    """
    low, high = span_of(tensor)
    scale, zero_point = tensor.scales[0], tensor.zero_points[0]
    clear = (
        f"the card says that pixels become {stated}, and the input spans {low:.4g} to {high:.4g}"
    )
    cure = (
        "correct the card's input range (without one it is taken from the model), or convert with"
        " pictures of that range as the representative data set"
    )
    if stated_span is not None and not _is_about(stated_span, low, high):
        raise RefusedError(
            f'the card\'s input "span" is {list(stated_span)}, and the input spans {low:.4g} to'
            f" {high:.4g}",
            "correct it or leave it out",
        )
    outside = sum(
        not -128 <= stated.steps(pixel, scale) + zero_point <= 127 for pixel in range(PIXELS)
    )
    most = PIXELS / 2 if stated_span else _MOST_OUTSIDE * PIXELS
    if outside > most:
        raise RefusedError(f"{clear}: {outside} of the 256 pixel values lie outside of it", cure)
    levels = len(set(stated.quantized(scale, zero_point)))
    if levels < _FEWEST_LEVELS:
        raise RefusedError(f"{clear}: all pixels would become {levels} of its 256 levels", cure)
    if stated_span is not None:
        return
    first, last = min(stated.ends[0], 0.0), max(stated.ends[1], 0.0)
    slack = _TOLERANCE * (last - first)
    is_inside = first - slack <= low and high <= last + slack
    if recognized is not None and not is_inside:
        raise RefusedError(f"{clear}, which is that of pixels of {recognized}", cure)
    if last - first < _LEAST_FILLED * (high - low):
        raise RefusedError(
            f"{clear}: they fill only {(last - first) / (high - low):.0%} of it", cure
        )


def _is_about(span: tuple[float, float], low: float, high: float) -> bool:
    """Whether a span is the one of an input, but for rounding."""
    slack = _TOLERANCE * (high - low)
    return abs(span[0] - low) <= slack and abs(span[1] - high) <= slack


def _stated_span(card: Mapping[str, Any]) -> tuple[float, float] | None:
    """The span of the input that a card states, for one that is wider than the pixels' range."""
    entry = card.get("input", {})
    return _two_numbers("span", entry["span"]) if "span" in entry else None


# ---- The card's keys -----------------------------------------------------------------------------

_RANGE_KEYS: Final = ("range", "real", "mean", "std", "span")

_INPUT_KEYS: Final = (*_RANGE_KEYS, "width", "height", "channels")
"""The keys of a card's "input"."""

_CARD_KEYS: Final = ("labels", "input", "input_range")
"""The keys of a card that the build reads; a card may have any others."""

_LIKENESS: Final = 0.75
"""Ratio of `difflib` from which a key is a misspelt one: "inputs" has 0.91 to "input", "maen" 0.75
to "mean", "input_shape" 0.73 to "input_range"."""


def check_card_keys(card: Mapping[str, Any]) -> None:
    """Refuses keys that would state a range if they were spelt right or in the right place.

    Raises:
        RefusedError: there is such a key, or "input" is not an object.
    """
    entry = card.get("input", {})
    if not isinstance(entry, Mapping):
        raise _unreadable("input", entry)
    for key in entry:
        if key not in _INPUT_KEYS:
            close = _close_key(key, _INPUT_KEYS)
            raise RefusedError(
                f'the card\'s "input" has the unknown key {key!r}',
                f'write "{close}"' if close else f"it may have {', '.join(_INPUT_KEYS)}",
            )
    for key in card:
        if key in _CARD_KEYS:
            continue
        inner = _folded(key).removeprefix("input_")
        if inner in _RANGE_KEYS and _folded(key) not in _CARD_KEYS:
            raise RefusedError(
                f"the card has the unknown key {key!r}",
                f'write it inside of "input": {{"input": {{"{inner}": ...}}}}',
            )
        close = _close_key(key, _CARD_KEYS)
        if close is not None:
            raise RefusedError(f"the card has the unknown key {key!r}", f'write "{close}"')


def _close_key(key: str, known: Sequence[str]) -> str | None:
    found = difflib.get_close_matches(_folded(key), known, 1, _LIKENESS)
    return found[0] if found else None


def _folded(key: str) -> str:
    return key.strip().casefold().replace("-", "_").replace(" ", "_")


# ---- Values --------------------------------------------------------------------------------------


def _unreadable(key: str, value: object) -> RefusedError:
    return RefusedError(
        f'the card\'s "{key}" is {value!r}',
        'an example: {"input": {"range": [0, 1], "mean": 0.5, "std": 0.25}}',
    )


def _two_numbers(key: str, value: object) -> tuple[float, float]:
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
