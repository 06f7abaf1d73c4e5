"""wiacek: Adam Wiącek's network for FER+ (vicksam/fer-model), the baseline of TinyVision."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import depthwise_initializer, image_input, normalized

_STAGES = ((48, 3), (96, 3), (192, 2), (384, 1))
"""Filters and convolutions of each stage; a pooling halves the image after each."""

_SLOPE = 0.02  # of LeakyReLU for negative values (the author's notebook)
_SPATIAL_DROPOUT = 0.1  # the author's best value for FER+


def wiacek(classes: int) -> keras.Model:
    """Build the network, untrained: 173,537 parameters with FER+'s eight classes.

    Separable convolutions with a bias, batch normalization, LeakyReLU; at the end of a stage the
    pooling precedes the LeakyReLU. The last convolution has one map for each class; its mean is the
    class's logit. The softmax, which has no parameters, is not in the author's table. (The table in
    TinyVision's slides has 185 parameters in the first row; 9 + 48 + 48 are 105, which agrees with
    its total and with the author's notebook.)
    """
    image = image_input()
    x = image
    for stage, (filters, convolutions) in enumerate(_STAGES, start=1):
        for place in range(1, convolutions + 1):
            name = f"separable{stage}_{place}"
            x = normalized(_separable(x, filters, 3, name), name)
            if place == convolutions:
                x = layers.MaxPooling2D(name=f"pool{stage}")(x)  # 24, 12, 6, 3
                x = layers.SpatialDropout2D(_SPATIAL_DROPOUT, name=f"dropout{stage}")(x)
            x = layers.LeakyReLU(_SLOPE, name=f"{name}_leaky_relu")(x)
    x = _separable(x, classes, 1, "maps")
    x = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(image, layers.Softmax(name="scores")(x), name="wiacek")


def _separable(x: keras.KerasTensor, filters: int, kernel: int, name: str) -> keras.KerasTensor:
    spatial = depthwise_initializer() if kernel == 3 else "ones"
    return layers.SeparableConv2D(
        filters,
        kernel,
        padding="same",
        depthwise_initializer=spatial,
        pointwise_initializer="he_normal",
        name=name,
    )(x)
