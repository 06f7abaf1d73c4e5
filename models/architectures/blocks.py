"""Building blocks of the networks: convolutions with batch normalization and activation."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.normalization import BatchNormalization
from models.data.examples import INPUT_SIDE


def image_input() -> keras.KerasTensor:
    """The input of every network: luma in 0..1, [batch, 48, 48, 1]."""
    return layers.Input((INPUT_SIDE, INPUT_SIDE, 1), name="image")


def depthwise_initializer(kernel: int = 3) -> keras.initializers.Initializer:
    """He initialization of depthwise kernels: sqrt(2 / fan in) with a fan in of one channel.

    Keras counts all channels as fan in: its initial weights are far too small, and Adam's first
    steps far too large.
    """
    return keras.initializers.RandomNormal(stddev=(2 / kernel**2) ** 0.5)


def normalized(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Batch normalization, named after the layer ``name`` before it."""
    return BatchNormalization(momentum=0.99, name=f"{name}_norm")(x)


def convolution(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    stride: int,
    name: str,
    relu: bool = True,
    padding: str = "same",
) -> keras.KerasTensor:
    """Convolution without a bias, batch normalization and, if ``relu``, a ReLU."""
    x = layers.Conv2D(
        filters,
        kernel,
        stride,
        padding=padding,
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = normalized(x, name)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def depthwise(
    x: keras.KerasTensor, stride: int, name: str, padding: str = "same", kernel: int = 3
) -> keras.KerasTensor:
    """Depthwise convolution without a bias, and batch normalization."""
    x = layers.DepthwiseConv2D(
        kernel,
        stride,
        padding=padding,
        use_bias=False,
        depthwise_initializer=depthwise_initializer(kernel),
        name=name,
    )(x)
    return normalized(x, name)
