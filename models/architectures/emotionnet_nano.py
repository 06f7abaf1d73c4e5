"""emotionnet-nano-a and -b: EmotionNet Nano (Lee, Wang, Wong; arXiv 2006.15759)."""

from __future__ import annotations

from typing import Final

import keras
from keras import layers

from models.architectures.blocks import convolution, image_input

_Widths = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Channels of the 3 x 3 convolutions at 48, at 24 and at 12 pixels, in order."""

_WIDTHS_B: Final[_Widths] = (
    (11, 9, 11, 8, 11, 7, 11),
    (27, 27, 19, 27, 26, 27),
    (36, 64, 39, 64, 24, 64),
)
"""From the paper's figure, which shows variant B; two public reimplementations agree."""

_WIDEN_A: Final = 1.28
"""Factor on all of B's widths, which gives 231,992 weights and biases."""

_WIDTHS_A: Final[_Widths] = (
    tuple(round(_WIDEN_A * channels) for channels in _WIDTHS_B[0]),
    tuple(round(_WIDEN_A * channels) for channels in _WIDTHS_B[1]),
    tuple(round(_WIDEN_A * channels) for channels in _WIDTHS_B[2]),
)


def emotionnet_nano_a(classes: int) -> keras.Model:
    """Build the larger variant, untrained.

    The paper states 232 thousand parameters, but no widths: this is variant B with each layer wider
    by the same factor.
    """
    return _emotionnet_nano(_WIDTHS_A, classes, "emotionnet_nano_a")


def emotionnet_nano_b(classes: int) -> keras.Model:
    """Build the smaller variant, untrained.

    With the figure's widths it has 141,098 weights and biases for seven classes; the paper states
    136 thousand. The figure leaves the shortcuts between image sizes open, and the
    reimplementations differ: here they are 1 x 1 convolutions, and the one from 48 pixels is also
    added at the end of the stage of 24 pixels. The batch normalizations are ours, for the training;
    the converter folds them into the convolutions.
    """
    return _emotionnet_nano(_WIDTHS_B, classes, "emotionnet_nano_b")


def _emotionnet_nano(widths: _Widths, classes: int, name: str) -> keras.Model:
    """Three image sizes, each with a chain of convolutions whose outputs are added repeatedly."""
    w48, w24, w12 = widths
    image = image_input()

    a1 = _convolution(image, w48[0], "a1")
    a3 = _convolution(_convolution(a1, w48[1], "a2"), w48[2], "a3")
    a13 = _sum(a1, a3, name="a13")
    a5 = _convolution(_convolution(a13, w48[3], "a4"), w48[4], "a5")
    a135 = _sum(a13, a5, name="a135")
    a7 = _convolution(_convolution(a135, w48[5], "a6"), w48[6], "a7")

    b0 = _convolution(_sum(a1, a5, a7, name="a157"), w24[0], "b0", stride=2)
    from_a = _shortcut(a135, w24[1], "from_a")
    b1 = _convolution(b0, w24[1], "b1")
    b3 = _convolution(_sum(b1, from_a, name="b1a"), w24[2], "b2")
    b3 = _convolution(b3, w24[3], "b3")
    b13 = _sum(b1, b3, name="b13")
    b5 = _convolution(_convolution(b13, w24[4], "b4"), w24[5], "b5")

    c0 = _convolution(_sum(b13, b5, from_a, name="b135a"), w12[0], "c0", stride=2)
    from_b = _shortcut(_sum(b3, b5, from_a, b0, name="b035a"), w12[1], "from_b")
    c1b = _sum(_convolution(c0, w12[1], "c1"), from_b, name="c1b")
    c3 = _convolution(_convolution(c1b, w12[2], "c2"), w12[3], "c3")
    c13b = _sum(c1b, c3, name="c13b")
    c5 = _convolution(_convolution(c13b, w12[4], "c4"), w12[5], "c5")

    x = layers.GlobalAveragePooling2D(name="features")(_sum(c13b, c5, name="c135b"))
    x = layers.Dropout(0.2, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="scores")(x), name=name)


def _convolution(
    x: keras.KerasTensor, filters: int, name: str, stride: int = 1
) -> keras.KerasTensor:
    return convolution(x, filters, 3, stride, name)


def _shortcut(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    return convolution(x, filters, 1, 2, name, relu=False)


def _sum(*parts: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.Add(name=name)(list(parts))
