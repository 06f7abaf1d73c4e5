"""The family of Facet's own networks: residual blocks of separable convolutions, by a plan."""

from __future__ import annotations

from typing import Final

import keras
from keras import layers

from models.architectures.normalization import BatchNormalization
from models.plan import Plan, Stage

SIDE: Final = 48
"""Input: 48 x 48 luma, real value pixel/255."""


def network(plan: Plan, classes: int, name: str) -> keras.Model:
    """Build a network of the family, untrained.

    Between a depthwise convolution and its pointwise one stands no ReLU (see ``facet_base``). The
    head weighs the last positions by a depthwise convolution instead of averaging them: in a face
    it matters where a feature is.

    Args:
        plan: its sizes.
        classes: number of outputs.
        name: the model's.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    image = layers.Input((SIDE, SIDE, 1), name="image")
    x = _convolution(image, plan.stem, 3, 2, "stem")
    for number, stage in enumerate(plan.stages, 1):
        entry = f"down{number}"
        if stage.entry == "full":
            x = _convolution(x, stage.channels, 3, 2, entry)
        else:
            x = _depthwise(x, stage.kernel, 2, f"{entry}_depthwise")
            x = _convolution(x, stage.channels, 1, 1, f"{entry}_pointwise")
        for block in range(stage.blocks):
            x = _residual(x, stage, f"block{number}{chr(ord('a') + block)}")
    x = _depthwise(x, x.shape[1], 1, "place", padding="valid")
    x = layers.ReLU(name="place_relu")(x)
    x = layers.Flatten(name="features")(x)
    x = layers.Dropout(plan.dropout, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="scores")(x), name=name.replace("-", "_"))


def _residual(x: keras.KerasTensor, stage: Stage, name: str) -> keras.KerasTensor:
    y = x
    if stage.expansion != 1:
        y = _convolution(y, round(stage.channels * stage.expansion), 1, 1, f"{name}_expand")
    y = _depthwise(y, stage.kernel, 1, f"{name}_depthwise")
    y = _convolution(y, stage.channels, 1, 1, f"{name}_pointwise", relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


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
    x = BatchNormalization(momentum=0.99, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def _depthwise(
    x: keras.KerasTensor, kernel: int, stride: int, name: str, padding: str = "same"
) -> keras.KerasTensor:
    # He's sqrt(2 / fan in) of a kernel on one channel: Keras counts all channels as fan in and
    # starts far too small, which makes Adam's first steps far too large.
    start = keras.initializers.RandomNormal(stddev=(2 / kernel**2) ** 0.5)
    x = layers.DepthwiseConv2D(
        kernel,
        stride,
        padding=padding,
        use_bias=False,
        depthwise_initializer=start,
        name=name,
    )(x)
    return BatchNormalization(momentum=0.99, name=f"{name}_norm")(x)
