"""facet-base: a small residual network of separable convolutions, Facet's default model."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import (
    convolution,
    depthwise,
    image_input,
    residual,
    separable,
)


def facet_base(classes: int) -> keras.Model:
    """Build the network, untrained.

    The first convolution halves the image at once and the second again, so that no two activations
    together are larger than 24 * 24 * 16 + 12 * 12 * 32 = 13,824 bytes in int8. The head weighs the
    last 3 x 3 positions by a depthwise convolution instead of averaging them: in a face it matters
    where a feature is.

    Args:
        classes: number of outputs.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    image = image_input()
    x = convolution(image, 16, 3, stride=2, name="stem")  # 24 x 24
    x = convolution(x, 32, 3, stride=2, name="down1")  # 12 x 12
    x = residual(x, name="block1a")
    x = residual(x, name="block1b")
    x = separable(x, 80, stride=2, name="down2")  # 6 x 6
    x = residual(x, name="block2a")
    x = residual(x, name="block2b")
    x = residual(x, name="block2c")
    x = separable(x, 128, stride=2, name="down3")  # 3 x 3
    x = depthwise(x, stride=1, name="place", padding="valid")  # 1 x 1
    x = layers.ReLU(name="place_relu")(x)
    x = layers.Flatten(name="features")(x)
    x = layers.Dropout(0.1, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="scores")(x), name="facet_base")
